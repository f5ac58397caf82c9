//! PuTTY's own format, against files that puttygen made.

mod support;

use sshwhy_keyfile::{
    Argon2Flavour, Checked, FileErrorKind, Kdf, KeyFile, PpkOptions, PrivateKey, Protection,
    Secret, Target, UnlockError, public_write, read, write,
};
use sshwhy_keys::{KeyType, PublicKey};
use support::{Os, files, vectors};

const PASSPHRASE: &[u8] = b"testing";

fn vector(name: &str) -> Vec<u8> {
    std::fs::read(vectors("ppk").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn taken(name: &str) -> KeyFile {
    read(&vector(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn unlocked(name: &str) -> PrivateKey {
    let file = taken(name);
    file.unlock(Some(PASSPHRASE))
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The error of unlocking a changed file.
fn refused(data: &[u8], passphrase: &[u8]) -> UnlockError {
    let file = read(data).unwrap_or_else(|e| panic!("{}: {e}", data.escape_ascii()));
    match file.unlock(Some(passphrase)) {
        Ok(_) => panic!("unlocked"),
        Err(e) => e,
    }
}

fn replaced(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(vector(name)).expect("text");
    assert!(text.contains(from), "{name} has no {from}");
    text.replacen(from, to, 1).into_bytes()
}

fn options(file: &KeyFile) -> PpkOptions {
    let mut options = PpkOptions {
        version: match file.format {
            sshwhy_keys::Format::Ppk { version, .. } => version,
            _ => 0,
        },
        ..PpkOptions::default()
    };
    if let Protection::Passphrase {
        kdf:
            Kdf::Argon2 {
                flavour,
                memory,
                passes,
                parallelism,
                ..
            },
        ..
    } = file.protection
    {
        options = PpkOptions {
            flavour,
            memory,
            passes,
            parallelism,
            ..options
        };
    }
    options
}

fn salt(data: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(data);
    let hex = text.lines().find_map(|l| l.strip_prefix("Argon2-Salt: "))?;
    let pairs = (0..hex.len()).step_by(2);
    Some(
        pairs
            .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).expect("hex"))
            .collect(),
    )
}

#[test]
fn every_file_of_puttygen_is_read_with_its_public_half_and_comment() {
    for path in files("ppk", ".ppk") {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
        let key = unlocked(name);
        assert_eq!(key.check(), Ok(Checked::Fits), "{name}");
        let said = vector(&name.replace(".ppk", ".pub"));
        let mut line = public_write::line(key.public(), key.comment());
        if key.comment().is_empty() {
            // puttygen leaves the blank there.
            line.insert(line.len() - 1, b' ');
        }
        assert_eq!(
            line.escape_ascii().to_string(),
            said.escape_ascii().to_string(),
            "{name}"
        );
        assert!(taken(name).problems.is_empty(), "{name}");
    }
}

#[test]
fn every_file_of_version_2_and_3_is_written_again_byte_for_byte() {
    let mut count = 0;
    for path in files("ppk", ".ppk") {
        let name = path.file_name().and_then(|n| n.to_str()).expect("a name");
        if name.contains(".v1") {
            continue;
        }
        let data = vector(name);
        let file = taken(name);
        let target = Target::Ppk(PpkOptions {
            salt: salt(&data),
            ..options(&file)
        });
        let passphrase = (file.protection != Protection::None).then_some(PASSPHRASE);
        let written = write(&unlocked(name), &target, passphrase, &mut Os).expect("written");
        assert_eq!(
            written.escape_ascii().to_string(),
            data.escape_ascii().to_string(),
            "{name}"
        );
        count += 1;
    }
    assert!(count >= 30, "{count}");
}

#[test]
fn a_file_cut_at_any_byte_is_an_error_with_a_place() {
    for path in files("ppk", ".ppk") {
        let data = std::fs::read(&path).expect("a vector");
        // Without its last newline it is whole, to PuTTY too.
        for cut in 0..data.len() - 1 {
            let part = &data[..cut];
            match read(part) {
                Ok(_) => panic!("{path:?} cut at {cut} was read"),
                Err(e) => {
                    assert!(e.offset <= cut, "{path:?} {cut}: {e:?}");
                    let lines = part.split_inclusive(|b| *b == b'\n').count();
                    assert!(
                        (1..=lines.max(1)).contains(&e.line),
                        "{path:?} {cut}: {e:?}"
                    );
                }
            }
        }
        assert!(read(&data[..data.len() - 1]).is_ok());
    }
}

#[test]
fn a_cut_file_is_called_cut() {
    let data = vector("ed25519.v3.ppk");
    let text = String::from_utf8(data.clone()).expect("text");
    let kind = |until: &str| {
        let at = text.find(until).expect("there") + until.len();
        read(&data[..at]).map(|_| ()).expect_err("cut").kind
    };
    assert_eq!(kind("Encryption"), FileErrorKind::Truncated("Encryption"));
    assert_eq!(
        kind("Encryption: no"),
        FileErrorKind::Truncated("Encryption")
    );
    assert_eq!(
        kind("Public-Lines: 2\nAAAA"),
        FileErrorKind::Truncated("the public key")
    );
    assert_eq!(
        kind("Private-Lines: 1\n"),
        FileErrorKind::Truncated("the private key")
    );
    assert_eq!(
        kind("Private-MAC: "),
        FileErrorKind::Truncated("Private-MAC")
    );
    assert_eq!(
        read(&data[..data.len() - 5])
            .map(|_| ())
            .expect_err("cut")
            .kind,
        FileErrorKind::Truncated("the MAC")
    );
}

#[test]
fn what_was_changed_in_an_unencrypted_file_is_told() {
    let changed = |data: &[u8]| match refused(data, b"") {
        UnlockError::MacMismatch { changed } => changed.unwrap_or("?"),
        other => panic!("{other}"),
    };
    let both =
        "the comment, a header, or the MAC itself; the two halves of the key are whole and fit";
    for v in ["v2", "v3"] {
        for t in ["ed25519", "rsa2048", "ecdsa256", "ed448", "dsa1024"] {
            let name = format!("{t}.{v}.ppk");
            assert_eq!(
                changed(&replaced(&name, "a key of", "the key of")),
                both,
                "{name}"
            );
            assert_eq!(
                changed(&replaced(
                    &name,
                    &format!("a key of {t}"),
                    &format!("a key of {t} ")
                )),
                "the blanks around the comment",
                "{name}"
            );
        }
    }
    // Another seed: only the private half can be at fault, or the public one; the MAC knows.
    let other_public = {
        let text = String::from_utf8(vector("ed25519.v3.ppk")).expect("text");
        let other = String::from_utf8(vector("ecdsa256.v3.ppk")).expect("text");
        let lines = |t: &str| {
            let from = t.find("Public-Lines").expect("there");
            t[from..t.find("Private-Lines").expect("there")].to_owned()
        };
        assert_ne!(lines(&text), lines(&other));
        let blob = taken("ed25519.v3.ppk")
            .public
            .expect("public")
            .blob()
            .to_vec();
        let mut blob = blob;
        blob[40] ^= 1;
        let base64 = sshwhy_keys::base64::encode(&blob);
        let (a, b) = base64.split_at(64);
        text.replace(&lines(&text), &format!("Public-Lines: 2\n{a}\n{b}\n"))
    };
    assert_eq!(
        changed(other_public.as_bytes()),
        "the public half; the private one is whole"
    );
}

#[test]
fn a_changed_private_half_is_not_taken_for_a_wrong_passphrase() {
    // RSA fills many blocks: the first stays right when a later one is damaged.
    let text = String::from_utf8(vector("rsa2048.v3.enc.ppk")).expect("text");
    let at = text.find("Private-Lines").expect("there") + 400;
    let mut data = text.into_bytes();
    data[at] = if data[at] == b'A' { b'B' } else { b'A' };
    assert_eq!(
        refused(&data, PASSPHRASE),
        UnlockError::MacMismatch {
            changed: Some("the private half")
        }
    );
    assert_eq!(
        refused(&data, b"another"),
        UnlockError::WrongOrDamaged { hint: None }
    );
}

#[test]
fn with_the_right_passphrase_a_changed_comment_is_told_from_a_wrong_one() {
    for name in [
        "ed25519.v2.enc.ppk",
        "ed25519.v3.enc.ppk",
        "rsa2048.v3.enc.ppk",
        "ed448.v3.enc.ppk",
    ] {
        let data = replaced(name, "a key of", "my key of");
        match refused(&data, PASSPHRASE) {
            UnlockError::MacMismatch {
                changed: Some(what),
            } => {
                assert!(what.starts_with("the comment, a header"), "{name}: {what}");
            }
            other => panic!("{name}: {other}"),
        }
        assert_eq!(
            refused(&data, b"wrong"),
            UnlockError::WrongOrDamaged { hint: None },
            "{name}"
        );
        assert_eq!(
            refused(&vector(name), b"wrong"),
            UnlockError::WrongOrDamaged { hint: None },
            "{name}"
        );
        let file = taken(name);
        assert!(matches!(
            file.unlock(None),
            Err(UnlockError::PassphraseNeeded)
        ));
    }
}

#[test]
fn a_wrong_count_of_lines_and_an_upper_case_mac_are_problems_that_hide_nothing() {
    let data = replaced("ed25519.v3.ppk", "Public-Lines: 2", "Public-Lines: 1");
    let file = read(&data).expect("read");
    assert_eq!(
        file.problems[0].kind,
        FileErrorKind::LineCount {
            header: "Public-Lines",
            says: 1,
            found: 2
        }
    );
    assert_eq!(file.problems[0].line, 4);
    assert!(file.unlock(None).is_ok());

    let text = String::from_utf8(vector("ed25519.v3.ppk")).expect("text");
    let (head, mac) = text.split_once("Private-MAC: ").expect("a MAC");
    let data = format!("{head}Private-MAC: {}", mac.to_uppercase());
    let file = read(data.as_bytes()).expect("read");
    assert!(matches!(
        file.problems[0].kind,
        FileErrorKind::Expected {
            expected: "a MAC in lower case",
            ..
        }
    ));
    assert!(file.unlock(None).is_ok());
}

#[test]
fn other_line_endings_encodings_and_quotes_are_read_through() {
    let text = String::from_utf8(vector("rsa2048.v3.ppk")).expect("text");
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for data in [
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        text.replace('\n', "\n> ").into_bytes(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe", wide.as_slice()].concat(),
        wide,
        text.trim_end().as_bytes().to_vec(),
    ] {
        let key = read(&data)
            .unwrap_or_else(|e| panic!("{e}"))
            .unlock(None)
            .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(key.public(), unlocked("rsa2048.v3.ppk").public());
    }
}

#[test]
fn places_of_damage_are_those_in_the_file() {
    let data = replaced("ed25519.v3.enc.ppk", "Argon2-Salt: ", "Argon2-Salt: x");
    let e = read(&data).map(|_| ()).expect_err("a broken salt");
    assert_eq!(data[e.offset], b'x');
    let text = String::from_utf8(vector("rsa2048.v2.ppk")).expect("text");
    let at = text.find("Private-Lines: 14\n").expect("14 lines") + 18 + 65 + 10;
    let mut data = text.into_bytes();
    data[at] = b'*';
    let e = read(&data).map(|_| ()).expect_err("broken base64");
    assert_eq!(e.offset, at);
    assert!(matches!(e.kind, FileErrorKind::Base64(_)));
}

#[test]
fn a_cost_beyond_reason_is_refused_before_it_is_paid() {
    let data = replaced(
        "ed25519.v3.enc.ppk",
        "Argon2-Memory: 64",
        "Argon2-Memory: 4000000000",
    );
    assert_eq!(
        refused(&data, PASSPHRASE),
        UnlockError::Unsupported("an Argon2 memory of more than 1 GiB")
    );
    let data = replaced(
        "ed25519.v3.enc.ppk",
        "Argon2-Passes: ",
        "Argon2-Passes: 42949672",
    );
    assert_eq!(
        refused(&data, PASSPHRASE),
        UnlockError::Unsupported(
            "Argon2 passes that take longer than any key is worth waiting for"
        )
    );
}

fn ed25519(seed: [u8; 32]) -> PrivateKey {
    let public = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
    let mut blob = Vec::new();
    sshwhy_keys::wire::put_string(&mut blob, KeyType::Ed25519.name());
    sshwhy_keys::wire::put_string(&mut blob, public.as_bytes());
    PrivateKey::new(
        PublicKey::from_blob(&blob).expect("a key"),
        Secret::Ed25519 { seed: seed.into() },
        b"leading zeros".to_vec(),
    )
}

#[test]
fn six_hundred_ed25519_keys_with_leading_zeros_go_through_puttygen_unchanged() {
    if !support::has("puttygen") {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("a path").to_owned();
    let (ours, theirs) = (path("ours.ppk"), path("theirs.ppk"));
    for n in 0..600usize {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("randomness");
        seed[..1 + n % 4].fill(0);
        if n % 3 == 0 {
            seed[31] = 0;
        }
        let key = ed25519(seed);
        let version = 2 + u32::from(n % 2 == 0);
        let target = Target::Ppk(PpkOptions {
            version,
            ..PpkOptions::default()
        });
        let written = write(&key, &target, None, &mut Os).expect("written");
        std::fs::write(&ours, &*written).expect("a file");
        let param = format!("version={version}");
        support::ok(
            "puttygen",
            &[
                "-q",
                &ours,
                "--reencrypt",
                "--ppk-param",
                &param,
                "-o",
                &theirs,
            ],
        );
        let again = std::fs::read(&theirs).expect("a file");
        assert_eq!(again, *written, "{n}");
        let back = read(&again)
            .expect("read")
            .unlock(None)
            .unwrap_or_else(|e| panic!("{n}: {e}"));
        assert_eq!(back.public(), key.public());
        assert!(matches!(back.secret(), Secret::Ed25519 { seed: s } if **s == seed));
    }
}

#[test]
fn files_of_ours_are_read_by_every_puttygen_there_is() {
    let lab = std::env::var_os("HOME").map(std::path::PathBuf::from);
    let lab = lab.map(|h| h.join(".cache/sshwhy/lab")).unwrap_or_default();
    let mut programs = vec!["puttygen".to_owned()];
    for entry in std::fs::read_dir(lab).into_iter().flatten().flatten() {
        let root = entry.path().join("root");
        let program = root.join("usr/bin/puttygen");
        if program.exists() && support::has(program.to_str().expect("a path")) {
            programs.push(program.to_str().expect("a path").to_owned());
        }
    }
    let dir = tempfile::tempdir().expect("a folder");
    let path = |name: &str| dir.path().join(name).to_str().expect("a path").to_owned();
    let (pass, file, out) = (path("pass"), path("k.ppk"), path("out"));
    std::fs::write(&pass, PASSPHRASE).expect("a file");
    let mut runs = 0;
    for program in programs.iter().filter(|p| support::has(p)) {
        let version = support::run(program, &["--version"]).stdout;
        // Debian 11 has 0.74, which knows neither version 3 nor Ed448.
        let old = String::from_utf8_lossy(&version).contains("Release 0.74");
        for name in [
            "ed25519", "ed448", "ecdsa256", "ecdsa384", "ecdsa521", "rsa2048", "dsa1024",
        ] {
            let key = unlocked(&format!("{name}.v2.ppk"));
            for (v, flavour) in [
                (2, Argon2Flavour::Id),
                (3, Argon2Flavour::Id),
                (3, Argon2Flavour::I),
                (3, Argon2Flavour::D),
            ] {
                if old && (v == 3 || name == "ed448") {
                    continue;
                }
                let target = Target::Ppk(PpkOptions {
                    version: v,
                    flavour,
                    memory: 64,
                    passes: 2,
                    parallelism: 2,
                    salt: None,
                });
                let written = write(&key, &target, Some(PASSPHRASE), &mut Os).expect("written");
                std::fs::write(&file, &*written).expect("a file");
                // Loading the private half checks the MAC and the halves.
                let _ = std::fs::remove_file(&out);
                support::ok(
                    program,
                    &[
                        "-q",
                        &file,
                        "--old-passphrase",
                        &pass,
                        "-O",
                        "private-openssh-new",
                        "-o",
                        &out,
                    ],
                );
                runs += 1;
            }
        }
    }
    assert!(runs == 0 || runs >= 28, "{runs}");
    eprintln!("{runs} files read by {} puttygens", programs.len());
}

#[test]
fn a_changed_version_or_encryption_is_told() {
    let version = |name: &str, from: &str, to: &str| {
        let data = replaced(name, &format!("File-{from}"), &format!("File-{to}"));
        let file = read(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
        let said = match &file.problems.first().expect("a problem").kind {
            FileErrorKind::Expected { expected, found } => (*expected, found.clone()),
            other => panic!("{other:?}"),
        };
        assert_eq!(said.1, to.as_bytes(), "{name}");
        assert!(file.unlock(Some(PASSPHRASE)).is_ok(), "{name}");
        said.0
    };
    for kind in ["", ".enc"] {
        for t in ["ed25519", "rsa2048", "dsa1024"] {
            assert!(version(&format!("{t}.v2{kind}.ppk"), "2", "3").starts_with("version 2"));
            assert!(version(&format!("{t}.v3{kind}.ppk"), "3", "2").starts_with("version 3"));
        }
        // Versions 1 and 2 look alike: only the MAC differs.
        for (from, to) in [("1", "2"), ("2", "1")] {
            let data = replaced(
                &format!("rsa2048.v{from}{kind}.ppk"),
                &format!("File-{from}"),
                &format!("File-{to}"),
            );
            assert_eq!(
                refused(&data, PASSPHRASE),
                UnlockError::MacMismatch {
                    changed: Some("the version in the first line")
                }
            );
        }
    }
    for t in ["ed25519", "rsa2048", "ecdsa521"] {
        let name = format!("{t}.v2.ppk");
        let data = replaced(&name, "Encryption: none", "Encryption: aes256-cbc");
        assert_eq!(
            refused(&data, b"anything"),
            UnlockError::MacMismatch {
                changed: Some("the Encryption header: the private half is not encrypted")
            }
        );
        let name = format!("{t}.v2.enc.ppk");
        let data = replaced(&name, "Encryption: aes256-cbc", "Encryption: none");
        assert_eq!(
            refused(&data, b""),
            UnlockError::MacMismatch {
                changed: Some("the Encryption header, or the private half, which looks encrypted")
            }
        );
    }
    let data = replaced("ed25519.v3.enc.ppk", "aes256-cbc", "none");
    let e = read(&data).map(|_| ()).expect_err("a contradiction");
    assert_eq!(e.line, 2);
}
