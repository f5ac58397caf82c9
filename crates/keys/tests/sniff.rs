//! Shapes people paste, made from the vectors' own keys.

mod support;

use sshwhy_keys::{Format, KeyType, LineError, LoadErrorKind, Note, SigAlg, load_public, sniff};
use support::{read, root};

fn key() -> String {
    let line = String::from_utf8(read(&root().join("plain/ed25519.pub"))).expect("text");
    line.trim_end().to_owned()
}

fn only(text: &str) -> Format {
    let blocks = sniff(text.as_bytes()).blocks;
    assert_eq!(blocks.len(), 1, "{text}: {blocks:?}");
    blocks[0].format.clone()
}

#[test]
fn lines_are_told_apart_by_what_stands_before_the_key() {
    let key = key();
    assert_eq!(only(&key), Format::PublicLine);
    assert_eq!(only(&format!("restrict {key}")), Format::OptionsLine);
    assert_eq!(
        only(&format!("command=\"a b, c\",no-pty {key}")),
        Format::OptionsLine
    );
    assert_eq!(
        only(&format!("host.example,10.0.0.1 {key}")),
        Format::KnownHostsLine
    );
    assert_eq!(only(&format!("|1|aa=|bb= {key}")), Format::KnownHostsLine);
    assert_eq!(
        only(&format!("@cert-authority * {key}")),
        Format::KnownHostsLine
    );
    let bare = key.split(' ').nth(1).expect("base64").to_owned();
    assert_eq!(only(&bare), Format::BareBase64);
    let modulus = "1".repeat(300);
    assert_eq!(only(&format!("1024 65537 {modulus} me")), Format::Ssh1Line);
}

#[test]
fn every_such_line_yields_the_key() {
    let key = key();
    let bare = key.split(' ').nth(1).expect("base64");
    let wanted = load_public(key.as_bytes()).expect("loads").key;
    for text in [
        format!("\t restrict  {key}"),
        format!("@revoked * {key}"),
        bare.to_owned(),
        format!("<pre>{key}</pre>"),
        format!("<html>\n<p>Your key:</p>\n<code>{key}</code>\n"),
        format!("On Monday you wrote:\n>> {key}\n"),
        format!("# comment\n\n{key}\r\n"),
    ] {
        let got = load_public(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(got.key, wanted, "{text}");
    }
    let html = load_public(format!("<b>{key}</b>").as_bytes()).expect("loads");
    assert_eq!(html.notes, [Note::Html]);
}

#[test]
fn a_wrong_label_is_noted_and_does_not_hide_the_key() {
    let text = key().replace("ssh-ed25519", "ssh-rsa");
    let got = load_public(text.as_bytes()).expect("loads");
    let note = Note::TypeMismatch {
        label: b"ssh-rsa".to_vec(),
        key: KeyType::Ed25519,
    };
    assert_eq!(got.notes, [note]);
}

#[test]
fn a_file_without_a_key_says_what_was_found_instead() {
    let kind = |data: &[u8]| load_public(data).map(|_| ()).map_err(|e| (e.line, e.kind));
    assert_eq!(kind(b" \n"), Err((1, LoadErrorKind::Empty)));
    assert_eq!(kind(b"hello\n"), Err((1, LoadErrorKind::NoKey)));
    assert_eq!(
        kind(b"# c\nssh-ed25519\n"),
        Err((2, LoadErrorKind::Line(LineError::OneWord)))
    );
    let cut = &key()[..50];
    let error = load_public(cut.as_bytes()).expect_err("a cut key");
    assert!(
        error
            .to_string()
            .starts_with("line 1: an OpenSSH public key line: "),
        "{error}"
    );
    let krl = read(&root().join("krl/empty.krl"));
    assert_eq!(
        load_public(&krl).expect_err("no key").format,
        Some(Format::Krl)
    );
}

#[test]
fn blocks_of_a_mixed_file_are_found_in_order() {
    let ppk = String::from_utf8(read(&root().join("foreign/ed25519.v3.ppk"))).expect("text");
    let text = format!("{}\nnoise\n{ppk}{}\n", key(), key());
    let lines: Vec<usize> = sniff(text.as_bytes())
        .blocks
        .iter()
        .map(|b| b.line)
        .collect();
    assert_eq!(lines, [1, 3, 3 + ppk.lines().count()]);
    assert_eq!(
        load_public(text.as_bytes()).expect("loads").notes,
        [Note::MoreBlocks(2)]
    );
}

#[test]
fn names_come_back_from_their_own_spelling_only() {
    for t in KeyType::ALL {
        assert_eq!(KeyType::from_name(t.name()), *t);
        assert_eq!(
            t.plain().certificate().expect("known"),
            t.certificate().expect("known")
        );
        let upper = t.name().to_ascii_uppercase();
        assert_eq!(KeyType::from_name(&upper), KeyType::Other(upper));
    }
    for a in SigAlg::ALL {
        assert_eq!(SigAlg::from_name(a.name()), *a);
        assert!(!a.plain().is_cert());
        assert!(SigAlg::for_key(&a.key_type()).contains(a));
    }
}

#[test]
fn rsa_signature_names_are_rsa_labels_but_not_key_formats() {
    assert!(KeyType::Rsa.matches_label(b"rsa-sha2-512"));
    assert!(!KeyType::Ed25519.matches_label(b"rsa-sha2-512"));
    assert!(matches!(
        KeyType::from_name(b"rsa-sha2-512"),
        KeyType::Other(_)
    ));
    let best = SigAlg::for_key(&KeyType::Rsa);
    assert_eq!(
        best,
        [SigAlg::RsaSha512, SigAlg::RsaSha256, SigAlg::RsaSha1]
    );
    assert_eq!(SigAlg::RsaSha256Cert.plain(), SigAlg::RsaSha256);
}
