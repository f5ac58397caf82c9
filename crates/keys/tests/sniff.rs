//! Shapes people paste, made from the vectors' own keys.

mod support;

use sshwhy_keys::{
    BlockText, Ending, Format, KeyType, LineError, LoadErrorKind, Note, SigAlg, load_public, sniff,
};
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

#[test]
fn lines_of_a_block_keep_their_blanks_and_their_places() {
    let text = "noise\nPuTTY-User-Key-File-2: ssh-ed25519\r\nComment: a b \r\nPrivate-MAC: 00";
    let lines = |data: &[u8]| {
        let block = sniff(data).blocks.remove(0);
        let text = BlockText::new(data, &block);
        let lines: Vec<_> = text
            .iter()
            .map(|l| (l.number, l.offset, l.text.to_vec(), l.ending))
            .collect();
        (lines, text.offset(1, 9))
    };
    let (plain, place) = lines(text.as_bytes());
    assert_eq!(plain[1], (3, 42, b"Comment: a b ".to_vec(), Ending::CrLf));
    assert_eq!(plain[2].3, Ending::None);
    assert_eq!(&text.as_bytes()[place..place + 3], b"a b");

    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(
            text.replace("a b", "ä b")
                .encode_utf16()
                .flat_map(u16::to_le_bytes),
        )
        .collect();
    let (wide, place) = lines(&wide);
    assert_eq!(wide[1].2, "Comment: ä b ".as_bytes());
    assert_eq!((wide[1].1, place), (2 + 84, 2 + 84 + 18));

    let quoted = text.replace("\r\n", "\n> ");
    let (quoted, _) = lines(quoted.as_bytes());
    assert_eq!(quoted[1].2, b"Comment: a b");
}
