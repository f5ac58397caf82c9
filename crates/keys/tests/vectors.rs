//! Keys, certificates and foreign formats against what the real programs recorded.

mod support;

use sshwhy_keys::{
    Encoding, LoadErrorKind, Note, PublicKey, base64, load_public, read_line, sniff,
};
use support::{blob_of, read, subject, text, walk};

#[test]
fn fingerprints_bits_and_names_are_those_of_ssh_keygen() {
    for expected in walk(".", ".fp") {
        let path = subject(&expected);
        let loaded =
            load_public(&read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let key = &loaded.key;
        let print = |fp: String| {
            let comment = String::from_utf8_lossy(&loaded.comment).into_owned();
            format!(
                "{} {fp} {comment} ({})",
                key.bits(),
                key.key_type().short_name()
            )
        };
        let got = format!(
            "{}\n{}\n",
            print(key.fingerprint()),
            print(key.fingerprint_md5())
        );
        assert_eq!(got, text(&expected), "{}", path.display());
    }
}

#[test]
fn every_foreign_format_yields_its_public_key() {
    for expected in walk(".", ".pub64") {
        let path = subject(&expected);
        let loaded =
            load_public(&read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let blob = base64::encode(loaded.key.blob());
        assert_eq!(blob, text(&expected).trim(), "{}", path.display());
    }
}

#[test]
fn a_file_without_a_recorded_key_says_why_it_yields_none() {
    for path in walk("foreign", "") {
        let name = path.to_string_lossy().into_owned();
        if name.ends_with(".pub64")
            || path
                .with_file_name(format!("{}.pub64", file_name(&path)))
                .exists()
        {
            continue;
        }
        let error = load_public(&read(&path)).expect_err(&name);
        let encrypted = name.contains(".enc.");
        assert_eq!(
            error.kind == LoadErrorKind::Encrypted,
            encrypted,
            "{name}: {error}"
        );
        assert!(error.format.is_some(), "{name}: {error}");
    }
}

#[test]
fn what_is_private_and_what_is_encrypted_is_told() {
    for expected in walk(".", ".pub64") {
        let path = subject(&expected);
        let name = file_name(&path);
        let loaded = load_public(&read(&path)).expect("loads");
        let private = ![
            "rfc4716",
            "spki",
            "pub",
            "utf16",
            "utf16le-nobom",
            "bom",
            "quoted",
            "pkcs1pub",
        ]
        .iter()
        .any(|ending| name.ends_with(&format!(".{ending}")));
        assert_eq!(loaded.private, private, "{name}");
        assert_eq!(loaded.encrypted, name.contains(".enc"), "{name}");
    }
}

#[test]
fn encodings_and_quotes_are_noted() {
    for path in walk("foreign", ".utf16") {
        let loaded = load_public(&read(&path)).expect("loads");
        assert_eq!(loaded.encoding, Encoding::Utf16Le { bom: true });
        assert!(loaded.notes.contains(&Note::Encoding(loaded.encoding)));
    }
    for path in walk("foreign", ".quoted") {
        assert!(
            load_public(&read(&path))
                .expect("loads")
                .notes
                .contains(&Note::Quoted)
        );
    }
}

#[test]
fn signatures_of_certificates_hold_and_a_changed_byte_breaks_them() {
    for path in walk("cert", ".pub") {
        let mut blob = blob_of(&path);
        PublicKey::from_blob_verified(&blob).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        // The nonce begins behind the type's name and its own length.
        let nonce = 4 + usize::from(blob[3]) + 4;
        blob[nonce] ^= 1;
        let key = PublicKey::from_blob(&blob).expect("the structure is unharmed");
        assert!(
            key.certificate()
                .expect("a certificate")
                .verify_signature()
                .is_err()
        );
        assert!(PublicKey::from_blob_verified(&blob).is_err());
    }
}

#[test]
fn certificate_fields_are_those_asked_for() {
    let path = support::root().join("cert/options-cert.pub");
    let key = PublicKey::from_blob(&blob_of(&path)).expect("parses");
    let cert = key.certificate().expect("a certificate");
    assert_eq!(
        (cert.serial, cert.key_id.as_slice()),
        (42, b"options".as_slice())
    );
    assert_eq!(cert.principals, [b"alice".to_vec()]);
    assert_eq!(cert.valid_before, u64::MAX);
    assert_eq!(cert.force_command(), Some(Ok(b"echo hi".to_vec())));
    assert_eq!(
        cert.source_address(),
        Some(Ok(b"10.0.0.0/8,192.0.2.1".to_vec()))
    );
    assert!(cert.verify_required() && cert.no_touch_required());
    assert!(
        cert.extension(b"permit-pty").is_some()
            && cert.extension(b"permit-agent-forwarding").is_none()
    );
    assert_eq!(
        key.plain_blob(),
        blob_of(&support::root().join("plain/ed25519.pub"))
    );
}

#[test]
fn a_blob_cut_anywhere_is_refused_with_a_place_inside() {
    for path in walk(".", ".pub") {
        let blob = blob_of(&path);
        for n in 0..blob.len() {
            let error = PublicKey::from_blob(&blob[..n]).expect_err("a cut blob");
            assert!(error.offset <= n, "{} cut at {n}: {error}", path.display());
        }
        let mut longer = blob.clone();
        longer.push(0);
        assert!(
            PublicKey::from_blob(&longer).is_err(),
            "trailing data is refused"
        );
    }
}

#[test]
fn a_file_cut_anywhere_never_panics_and_errors_say_a_line() {
    for path in walk(".", "") {
        let data = read(&path);
        // Every byte of files below 900 bytes; larger ones in steps, for time.
        let step = data.len() / 900 + 1;
        for n in (0..data.len()).step_by(step) {
            let cut = &data[..n];
            let lines = cut.split(|&b| b == b'\n').count();
            if let Err(e) = load_public(cut) {
                assert!(
                    e.line >= 1 && e.line <= lines,
                    "{} cut at {n}: {e}",
                    path.display()
                );
                assert!(e.offset <= n, "{} cut at {n}: {e}", path.display());
            }
        }
    }
}

#[test]
fn any_byte_changed_never_panics() {
    for path in walk(".", "") {
        let data = read(&path);
        for n in (0..data.len()).step_by(data.len() / 100 + 1) {
            for byte in [0x00, b'\n', b'=', b'A', b'<', 0xff] {
                let mut changed = data.clone();
                changed[n] = byte;
                if let Err(e) = load_public(&changed) {
                    assert!(e.offset <= data.len() && !e.to_string().is_empty());
                }
            }
        }
    }
}

#[test]
fn blocks_lie_inside_the_data() {
    for path in walk(".", "") {
        let data = read(&path);
        for block in sniff(&data).blocks {
            assert!(block.span.start < block.span.end && block.span.end <= data.len());
        }
    }
}

#[test]
fn nothing_private_is_in_the_result() {
    // The 32 private bytes of the unencrypted Ed25519 key stand behind its public ones.
    let path = support::root().join("plain/ed25519");
    let body: String = text(&path)
        .lines()
        .filter(|l| !l.starts_with('-'))
        .collect();
    let content = base64::decode(body.as_bytes()).expect("base64");
    let loaded = load_public(&read(&path)).expect("loads");
    let public = &loaded.key.blob()[19..];
    let at = content
        .windows(32)
        .rposition(|w| w == public)
        .expect("public half")
        - 32;
    let seed = &content[at..at + 32];
    let shown = format!("{loaded:?}");
    let listed: Vec<String> = seed.iter().map(u8::to_string).collect();
    assert!(!shown.contains(&listed.join(", ")));
}

#[test]
fn a_public_key_line_reads_as_sshd_reads_it() {
    for path in walk(".", ".pub") {
        let line = read(&path);
        let (key, comment) = read_line(&line).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(key.blob(), blob_of(&path));
        assert_eq!(comment, b"test@example\n");
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}
