//! What is written here, read back by the real ssh-keygen and puttygen; and what ssh-keygen says of
//! odd files, held against the problems told here.

mod support;

use sshwhy_keyfile::{OpensshOptions, PrivateKey, Protection, Target, public_write, read, write};
use std::path::Path;
use support::{Os, has, ok, run, vectors};

const PASSPHRASE: &[u8] = b"correct horse battery";
const TYPES: [&str; 6] = ["ed25519", "rsa", "dsa", "ecdsa256", "ecdsa384", "ecdsa521"];

fn fixture(name: &str) -> PrivateKey {
    let data = std::fs::read(vectors(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let file = read(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
    file.unlock(None).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// A private file for programs that look at its mode.
fn save(path: &Path, data: &[u8]) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, data).expect("written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("mode");
}

fn targets() -> Vec<(&'static str, Target)> {
    let openssh = |cipher| Target::Openssh(OpensshOptions { cipher, rounds: 2 });
    vec![
        ("openssh aes256-ctr", openssh("aes256-ctr")),
        ("openssh aes256-cbc", openssh("aes256-cbc")),
        ("openssh aes128-gcm", openssh("aes128-gcm@openssh.com")),
        ("openssh aes256-gcm", openssh("aes256-gcm@openssh.com")),
        ("openssh chacha20", openssh("chacha20-poly1305@openssh.com")),
        ("openssh 3des-cbc", openssh("3des-cbc")),
        ("pem", Target::Pem),
        ("pkcs8", Target::Pkcs8 { iterations: 2048 }),
    ]
}

#[test]
fn ssh_keygen_reads_what_is_written_here() {
    if !has("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let path_text = path.to_str().expect("text");
    let pass = std::str::from_utf8(PASSPHRASE).expect("text");
    let mut seen = 0;
    for kind in TYPES {
        let key = fixture(&format!("openssh-{kind}"));
        for (what, target) in targets() {
            // ssh-keygen 9.2 reads Ed25519 in its own format only.
            if kind == "ed25519" && !matches!(target, Target::Openssh(_)) {
                continue;
            }
            for passphrase in [None, Some(PASSPHRASE)] {
                let data = write(&key, &target, passphrase, &mut Os)
                    .unwrap_or_else(|e| panic!("{kind} {what}: {e}"));
                save(&path, &data);
                let given = if passphrase.is_some() { pass } else { "" };
                let out = ok("ssh-keygen", &["-y", "-P", given, "-f", path_text]);
                let comment = match target {
                    Target::Openssh(_) => key.comment(),
                    _ => b"",
                };
                let line = public_write::line(key.public(), comment);
                assert_eq!(
                    out.trim_ascii_end(),
                    line.trim_ascii_end(),
                    "{kind} {what} {given}"
                );
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 6 * 6 * 2 + 5 * 2 * 2);
}

#[test]
fn puttygen_reads_what_is_written_here() {
    if !has("puttygen") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_str().expect("text").to_owned();
    let (path, pass) = (at("key"), at("pass"));
    std::fs::write(&pass, PASSPHRASE).expect("written");
    for kind in TYPES.into_iter().chain(["ed448"]) {
        let key = fixture(&format!("openssh-{kind}"));
        // What PuTTY 0.78 imports: aes256-cbc and aes256-ctr, PEM with AES-128-CBC.
        for (what, target) in targets() {
            let taken = match what {
                "openssh aes256-ctr" | "openssh aes256-cbc" => true,
                "pem" => !kind.starts_with("ed"),
                _ => false,
            };
            if !taken {
                continue;
            }
            for passphrase in [None, Some(PASSPHRASE)] {
                let data = write(&key, &target, passphrase, &mut Os)
                    .unwrap_or_else(|e| panic!("{kind} {what}: {e}"));
                save(Path::new(&path), &data);
                let mut args = vec![path.as_str(), "-L"];
                if passphrase.is_some() {
                    args.extend(["--old-passphrase", &pass]);
                }
                let out = ok("puttygen", &args);
                let line = public_write::line(key.public(), b"");
                assert!(out.starts_with(line.trim_ascii_end()), "{kind} {what}");
            }
        }
        // "Save public key".
        let data = write(&key, &Target::Rfc4716, None, &mut Os).expect("written");
        save(Path::new(&path), &data);
        let out = ok("puttygen", &[&path, "-L"]);
        let line = public_write::line(key.public(), key.comment());
        assert_eq!(out, line, "{kind}");
    }
}

#[test]
fn openssl_reads_what_is_written_here() {
    if !has("openssl") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let text = path.to_str().expect("text");
    for name in [
        "pkcs8-ed25519-openssl",
        "pkcs8-ed448-openssl",
        "pkcs8-ecdsa521",
        "pkcs8-rsa",
    ] {
        let key = fixture(name);
        let plain = ok(
            "openssl",
            &["pkey", "-in", vectors(name).to_str().expect("text")],
        );
        for passphrase in [None, Some(PASSPHRASE)] {
            let target = Target::Pkcs8 { iterations: 5000 };
            let data = write(&key, &target, passphrase, &mut Os).expect("written");
            save(&path, &data);
            let out = ok(
                "openssl",
                &["pkey", "-in", text, "-passin", "pass:correct horse battery"],
            );
            assert_eq!(out, plain, "{name}");
        }
    }
}

#[test]
fn problems_are_told_where_ssh_keygen_refuses_and_nowhere_else() {
    if !has("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let text = path.to_str().expect("text");
    let whole = std::fs::read(vectors("openssh-ed25519")).expect("a fixture");
    let whole = String::from_utf8(whole).expect("text");
    let body: Vec<&str> = whole.lines().collect();
    let indented = whole.replacen('\n', "\n  ", 1);
    let tables = [
        ("as it is", whole.clone()),
        ("CR LF", whole.replace('\n', "\r\n")),
        ("no newline at the end", whole.trim_end().to_owned()),
        ("an empty line in front", format!("\n{whole}")),
        ("a line behind", format!("{whole}x\n")),
        ("an indented line", indented),
        (
            "a blank behind BEGIN",
            whole.replacen("KEY-----", "KEY----- ", 1),
        ),
        ("a blank behind END", format!("{} \n", whole.trim_end())),
        ("a byte order mark", format!("\u{feff}{whole}")),
        ("one line of base64", {
            let inner = body[1..body.len() - 1].concat();
            format!("{}\n{inner}\n{}\n", body[0], body[body.len() - 1])
        }),
        (
            "an END line cut short",
            whole.trim_end().trim_end_matches('-').to_owned(),
        ),
        ("two files", format!("{whole}{whole}")),
        (
            "no END line",
            format!("{}\n", body[..body.len() - 1].join("\n")),
        ),
        ("mail quotes", format!("> {}\n", body.join("\n> "))),
    ];
    for (what, data) in tables {
        save(&path, data.as_bytes());
        let taken = run("ssh-keygen", &["-y", "-P", "", "-f", text])
            .status
            .success();
        let file = read(data.as_bytes()).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(
            file.problems.is_empty(),
            taken,
            "{what}: {:?}",
            file.problems
        );
        assert_eq!(file.protection, Protection::None, "{what}");
        file.unlock(None).unwrap_or_else(|e| panic!("{what}: {e}"));
    }
}

#[test]
fn a_certificate_stands_in_a_private_file_as_ssh_keygen_reads_it() {
    if !has("ssh-keygen") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let text = path.to_str().expect("text");
    let lab = |name: &str| {
        let path = vectors("..").join("lab").join(name);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    for (key, cert) in [
        ("ed25519", "alice-cert.pub"),
        ("rsa2048", "rsa2048-cert.pub"),
        ("ecdsa256", "ecdsa256-cert.pub"),
        ("sk-ed25519", "sk-ed25519-cert.pub"),
    ] {
        let loaded = sshwhy_keys::load_public(&lab(cert)).expect("a certificate");
        let mut key = match read(&lab(key)).map(|f| f.unlock(None)) {
            Ok(Ok(key)) => key,
            _ => panic!("{key}: not unlocked"),
        };
        if let Some(application) = loaded.key.application() {
            // The lab's is a usual key that lends its public half.
            assert_eq!(application, b"ssh:");
            let secret = sshwhy_keyfile::Secret::Sk {
                flags: 1,
                key_handle: b"handle".to_vec(),
                reserved: Vec::new(),
            };
            key = PrivateKey::new(loaded.key.clone(), secret, key.comment().to_vec());
        }
        let key = key.with_public(loaded.key.clone());
        let target = Target::Openssh(OpensshOptions::default());
        let data = write(&key, &target, None, &mut Os).expect("written");
        save(&path, &data);
        let out = ok("ssh-keygen", &["-y", "-f", text]);
        let line = public_write::line(&loaded.key, key.comment());
        assert_eq!(out.trim_ascii_end(), line.trim_ascii_end(), "{cert}");
        let again = read(&data).unwrap_or_else(|e| panic!("{cert}: {e}"));
        let again = again.unlock(None).unwrap_or_else(|e| panic!("{cert}: {e}"));
        assert_eq!(again.public(), &loaded.key, "{cert}");
    }
}

#[test]
fn a_comment_that_openssh_could_not_read_is_not_written() {
    let key = fixture("openssh-ed25519").with_comment(b"two\0parts".to_vec());
    let target = Target::Openssh(OpensshOptions::default());
    assert_eq!(
        write(&key, &target, None, &mut Os).err(),
        Some(sshwhy_keyfile::WriteError::CommentHasNul)
    );
}
