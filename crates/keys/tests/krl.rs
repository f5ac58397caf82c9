//! KRLs against `ssh-keygen -Q`, and text lists against sshd's reader.

mod support;

use sshwhy_keys::krl::{Entry, Revoked};
use sshwhy_keys::{Krl, LineError, PublicKey, krl, revoked_lines};
use support::{blob_of, read, root, text, walk};

#[test]
fn revoked_are_exactly_the_keys_ssh_keygen_says() {
    for expected in walk("krl", ".expect") {
        let path = expected.with_extension("krl");
        let list = Krl::parse(&read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(list.refused_before_9_4, None);
        for line in text(&expected).lines() {
            let (word, file) = line.split_once(' ').expect("two words");
            let key = PublicKey::from_blob(&blob_of(&root().join(file))).expect("a key");
            let why = list.is_revoked(&key);
            assert_eq!(
                why.is_some(),
                word == "revoked",
                "{}: {file}: {why:?}",
                path.display()
            );
        }
    }
}

#[test]
fn a_krl_cut_anywhere_is_refused_or_ends_at_a_section() {
    for path in walk("krl", ".krl") {
        let data = read(&path);
        for n in 0..data.len() {
            match Krl::parse(&data[..n]) {
                // Behind the header and between sections a shorter KRL is whole.
                Ok(_) => assert!(n >= 44, "{} cut at {n}", path.display()),
                Err(e) => assert!(e.offset <= n, "{} cut at {n}: {e}", path.display()),
            }
        }
    }
}

#[test]
fn any_byte_changed_never_panics() {
    for path in walk("krl", ".krl") {
        let data = read(&path);
        for n in 0..data.len() {
            for bit in [0x01u8, 0x80, 0xff] {
                let mut changed = data.clone();
                changed[n] ^= bit;
                let _ = Krl::parse(&changed).map(|k| k.len());
            }
        }
    }
}

#[test]
fn the_entry_and_whose_it_is_are_told() {
    let cert =
        PublicKey::from_blob(&blob_of(&root().join("cert/by-ed25519-cert.pub"))).expect("key");
    let why = |name: &str| {
        let list = Krl::parse(&read(&root().join("krl").join(name))).expect("a KRL");
        list.is_revoked(&cert).map(|w| (w.what, w.entry))
    };
    let serial = |lo, hi| {
        Some((
            Revoked::Key,
            Entry::Serial {
                lo,
                hi,
                any_ca: false,
            },
        ))
    };
    assert_eq!(why("serial.krl"), serial(7, 7));
    assert_eq!(why("range.krl"), serial(1, 100));
    assert_eq!(why("bitmap.krl"), serial(7, 7));
    assert_eq!(why("sha1.krl"), Some((Revoked::Key, Entry::Sha1)));
    let other =
        PublicKey::from_blob(&blob_of(&root().join("cert/by-ecdsa384-cert.pub"))).expect("key");
    let list = Krl::parse(&read(&root().join("krl/keys.krl"))).expect("a KRL");
    let found = list.is_revoked(&other).map(|w| (w.what, w.entry));
    assert_eq!(found, Some((Revoked::CaKey, Entry::ExplicitKey)));
}

#[test]
fn a_text_list_passes_over_comments_and_blank_lines_only() {
    let key = String::from_utf8(read(&root().join("plain/ed25519.pub"))).expect("text");
    let list = format!("# c\n\n \t\n\t# c\n  {key}\0rubbish\n");
    let lines: Vec<_> = revoked_lines(list.as_bytes()).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].line, 5);
    assert!(!lines[0].is_fatal());
    assert_eq!(
        &list.as_bytes()[lines[0].span.clone()],
        format!("  {key}").trim_end().as_bytes()
    );
}

#[test]
fn a_blank_line_with_cr_stops_sshd_but_a_key_line_with_cr_does_not() {
    let key = String::from_utf8(read(&root().join("plain/rsa2048.pub"))).expect("text");
    let list = format!("{}\r\n\r\n", key.trim_end());
    let lines: Vec<_> = revoked_lines(list.as_bytes()).collect();
    assert!(!lines[0].is_fatal());
    assert_eq!(lines[1].key, Err(LineError::OneWord));
    assert!(lines[1].is_fatal() && lines[1].line == 2);
}

#[test]
fn options_fingerprints_and_cut_keys_stop_sshd() {
    let key = String::from_utf8(read(&root().join("plain/ed25519.pub"))).expect("text");
    for bad in [
        format!("restrict {key}"),
        "SHA256:A8UcKJ7L2q+jNZZIDA8xugNJ3szi0m6VzcqnrcU/jxM\n".to_owned(),
        key[..60].to_owned(),
        key.replace("ssh-ed25519", "ssh-rsa"),
        key.replace("ssh-ed25519", "SSH-ED25519"),
    ] {
        assert!(revoked_lines(bad.as_bytes()).all(|l| l.is_fatal()), "{bad}");
    }
}

#[test]
fn the_magic_decides_between_krl_and_text() {
    assert!(krl::is_krl(b"SSHKRL\n\0rest"));
    assert!(!krl::is_krl(b"SSHKRL\n") && !krl::is_krl(b"ssh-rsa "));
}
