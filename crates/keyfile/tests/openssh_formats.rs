//! OpenSSH's own format, PEM, PKCS#8 and ssh.com, against files of ssh-keygen, puttygen and openssl
//! (`vectors/keyfile/make.sh`).

use sshwhy_keyfile::{
    FileErrorKind, Inconsistent, Kdf, KeyFile, OpensshOptions, PrivateKey, Protection, Secret,
    Target, UnlockError, read, write,
};
use sshwhy_keys::PublicKey;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/keyfile")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn passphrase() -> Vec<u8> {
    bytes("passphrase").trim_ascii_end().to_vec()
}

/// Every private key of the folder, by name.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder())
        .expect("the vectors")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| {
            let format = n.split('-').next();
            n.contains('-')
                && !n.ends_with(".pub")
                && matches!(format, Some("openssh" | "pem" | "pkcs8" | "sshcom"))
        })
        .map(|n| (n.clone(), bytes(&n)))
        .collect();
    all.sort();
    assert!(all.len() >= 60, "only {} fixtures", all.len());
    all
}

/// The public key that a fixture of this name holds.
fn public_of(name: &str) -> PublicKey {
    let mut parts = name.split('-').skip(1);
    let mut base = parts.next().unwrap_or_default().to_owned();
    if base == "sk" {
        base = format!("sk-{}", parts.next().unwrap_or_default());
    }
    if name.contains("-openssl") {
        base.push_str("-openssl");
    }
    let line = bytes(&format!("{base}.pub"));
    sshwhy_keys::load_public(&line).expect("a public key").key
}

/// Plain files are named for format and type alone.
fn is_plain(name: &str) -> bool {
    let rest = name.replace("sk-", "sk").replace("-openssl", "");
    rest.split('-').count() == 2 && !name.ends_with("-aes256") || name.ends_with("-no-public")
}

/// These files hold no public half: a changed private number is another whole key.
fn tells_no_public(name: &str) -> bool {
    ["pkcs8-dsa", "pkcs8-ed", "pem-ecdsa256-no-public"]
        .iter()
        .any(|p| name.starts_with(p))
}

fn opened(name: &str, data: &[u8]) -> (KeyFile, PrivateKey) {
    let file = read(data).unwrap_or_else(|e| panic!("{name}: {e}"));
    let key = file
        .unlock(Some(&passphrase()))
        .unwrap_or_else(|e| panic!("{name}: {e}"));
    (file, key)
}

/// What another program made, so that its random bytes can be used again.
struct Replay(Vec<u8>);

impl rand_core::TryRng for Replay {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }
    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let rest = self.0.split_off(out.len());
        out.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Replay {}

/// Random enough for a test: a counter.
fn counting() -> Replay {
    Replay((0..4096u32).map(|n| (n * 37 % 251) as u8).collect())
}

#[test]
fn every_fixture_opens_and_holds_its_public_key() {
    for (name, data) in fixtures() {
        let (file, key) = opened(&name, &data);
        let public = public_of(&name);
        assert_eq!(key.public(), &public, "{name}");
        assert_eq!(file.problems, [], "{name}");
        assert_eq!(
            file.protection == Protection::None,
            is_plain(&name),
            "{name}: {:?}",
            file.protection
        );
        let told = is_plain(&name) || name.starts_with("openssh-");
        assert_eq!(file.public.as_ref(), told.then_some(&public), "{name}");
        key.check().unwrap_or_else(|e| panic!("{name}: {e}"));
    }
}

#[test]
fn comments_are_kept_where_the_format_has_them() {
    for (name, data) in fixtures() {
        let (file, key) = opened(&name, &data);
        let mut parts = name.splitn(2, '-');
        let format = parts.next().unwrap_or_default();
        let mut base = parts.next().unwrap_or_default().to_owned();
        if !base.starts_with("sk-") {
            base = base.split('-').next().unwrap_or_default().to_owned();
        }
        let expected = match format {
            "openssh" | "sshcom" => format!("fixture {base}"),
            _ => String::new(),
        };
        assert_eq!(key.comment(), expected.as_bytes(), "{name}");
        let told = match format {
            "openssh" => is_plain(&name),
            "sshcom" => true,
            _ => false,
        };
        assert_eq!(file.comment.is_some(), told, "{name}");
    }
}

#[test]
fn a_fido_key_keeps_its_handle_and_flags() {
    for name in ["openssh-sk-ed25519", "openssh-sk-ecdsa256"] {
        let (_, key) = opened(name, &bytes(name));
        let Secret::Sk {
            flags, key_handle, ..
        } = key.secret()
        else {
            panic!("{name}: not a FIDO key");
        };
        assert_eq!(*flags, 5);
        assert_eq!(key_handle, &b"a key handle of a fixture".repeat(3));
    }
}

#[test]
fn how_a_file_is_encrypted_is_told_without_the_passphrase() {
    let bcrypt = |rounds| Kdf::Bcrypt { rounds, salt: 16 };
    let pbkdf2 = |prf, iterations| Kdf::Pbkdf2 { prf, iterations };
    let table = [
        ("openssh-ed25519-aes128-cbc", "aes128-cbc", bcrypt(2)),
        (
            "openssh-ed25519-aes256-gcm",
            "aes256-gcm@openssh.com",
            bcrypt(2),
        ),
        ("openssh-rsa-aes256-ctr", "aes256-ctr", bcrypt(3)),
        ("pem-rsa-ssh-keygen", "AES-128-CBC", Kdf::PemMd5),
        ("pem-rsa-des3", "DES-EDE3-CBC", Kdf::PemMd5),
        ("pem-rsa-des", "DES-CBC", Kdf::PemMd5),
        (
            "pkcs8-rsa-ssh-keygen",
            "AES-128-CBC",
            pbkdf2("hmac-sha256", 2048),
        ),
        (
            "pkcs8-rsa-pbkdf2-sha1",
            "AES-256-CBC",
            pbkdf2("hmac-sha1", 1000),
        ),
        (
            "pkcs8-rsa-pbkdf2-sha512",
            "AES-256-CBC",
            pbkdf2("hmac-sha512", 1000),
        ),
        (
            "pkcs8-rsa-pbkdf2-des3",
            "DES-EDE3-CBC",
            pbkdf2("hmac-sha256", 2048),
        ),
        (
            "pkcs8-rsa-scrypt",
            "AES-256-CBC",
            Kdf::Scrypt {
                n: 1024,
                r: 8,
                p: 1,
            },
        ),
        (
            "pkcs8-rsa-pbe-md5-des",
            "DES-CBC",
            Kdf::Pbes1 { iterations: 2048 },
        ),
        (
            "pkcs8-rsa-pbe-sha1-3des",
            "DES-EDE3-CBC",
            Kdf::Pbes1 { iterations: 2048 },
        ),
        ("sshcom-rsa-3des-cbc", "3des-cbc", Kdf::SshComMd5),
    ];
    for (name, cipher, kdf) in table {
        let file = read(&bytes(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let expected = Protection::Passphrase {
            cipher: cipher.as_bytes().to_vec(),
            kdf,
        };
        assert_eq!(file.protection, expected, "{name}");
        let result = file.unlock(None).err();
        assert_eq!(result, Some(UnlockError::PassphraseNeeded), "{name}");
    }
}

#[test]
fn a_wrong_passphrase_of_a_whole_file_is_called_that() {
    for (name, data) in fixtures() {
        if is_plain(&name) {
            continue;
        }
        let file = read(&data).unwrap_or_else(|e| panic!("{name}: {e}"));
        for wrong in [
            &b"wrong"[..],
            b"a fixture, not a secret ",
            b"A FIXTURE",
            b"\xff\x00",
        ] {
            let error = file.unlock(Some(wrong)).err();
            assert_eq!(error, Some(UnlockError::WrongPassphrase), "{name}");
        }
    }
}

#[test]
fn a_file_cut_at_any_byte_is_told_with_its_place() {
    for (name, data) in fixtures() {
        // The shortest texts that still are key files at all, and all longer ones.
        for cut in 0..data.len() {
            let part = &data[..cut];
            let (line, offset) = match read(part) {
                Err(e) => (e.line, e.offset),
                Ok(file) => {
                    // All of the key is there; what is missing is said, unless it is the newline
                    // that only ssh's own format needs.
                    let needs = name.starts_with("openssh-") || cut < data.len() - 1;
                    assert_eq!(!file.problems.is_empty(), needs, "{name} cut at {cut}");
                    (file.problems.first().map_or(1, |p| p.line), 0)
                }
            };
            let lines = part.split(|&b| b == b'\n').count();
            assert!(
                (1..=lines).contains(&line),
                "{name} cut at {cut}: line {line}"
            );
            assert!(offset <= cut, "{name} cut at {cut}: offset {offset}");
        }
    }
}

#[test]
fn the_end_is_said_to_be_missing_where_the_base64_was_cut() {
    for (name, data) in fixtures() {
        let half = data.len() / 2;
        let error = match read(&data[..half]) {
            Err(e) => e,
            // Cut between two blocks of the cipher: seen behind the encryption.
            Ok(file) => match file.unlock(Some(&passphrase())).err() {
                Some(UnlockError::Damaged(e)) if !file.problems.is_empty() => e,
                other => panic!("{name}: {other:?}"),
            },
        };
        let FileErrorKind::Truncated(_) = error.kind else {
            panic!("{name}: {error}");
        };
        let line = data[..half].iter().filter(|&&b| b == b'\n').count() + 1;
        // A length in front may show the lack before the last line.
        assert!(error.line <= line, "{name}: {error}");
    }
}

#[test]
fn no_changed_character_gives_another_key_or_a_panic() {
    let cheap =
        |name: &str| is_plain(name) || name.starts_with("pem-") || name.starts_with("sshcom-");
    for (name, data) in fixtures().into_iter().filter(|(n, _)| cheap(n)) {
        if tells_no_public(&name) {
            continue;
        }
        let public = public_of(&name);
        let pass = passphrase();
        // Every byte of small files, some of large ones.
        let step = 1 + data.len() / 600 * 7;
        for at in (0..data.len()).step_by(step) {
            for flip in [1u8, 0x20].into_iter().take(if step == 1 { 2 } else { 1 }) {
                let mut changed = data.clone();
                changed[at] ^= flip;
                let Ok(file) = read(&changed) else { continue };
                let Ok(key) = file.unlock(Some(&pass)) else {
                    continue;
                };
                // What is left open: comments, check numbers, END lines.
                assert_eq!(key.public(), &public, "{name} at {at}");
            }
        }
    }
}

#[test]
fn damage_behind_the_encryption_is_told_from_a_wrong_passphrase() {
    for (name, data) in fixtures() {
        if is_plain(&name) || tells_no_public(&name) {
            continue;
        }
        // A character in the last quarter of the base64, which is text of the key in every format.
        let lines = data.split(|&b| b == b'\n').count();
        let mut changed = data.clone();
        let at = data.len() * 3 / 4;
        let at = (at..)
            .find(|&n| data[n].is_ascii_alphanumeric())
            .unwrap_or(at);
        changed[at] = if data[at] == b'A' { b'B' } else { b'A' };
        let file = read(&changed).unwrap_or_else(|e| panic!("{name}: {e}"));
        match file.unlock(Some(&passphrase())).err() {
            Some(UnlockError::Damaged(e)) => {
                assert!((2..=lines).contains(&e.line), "{name}: {e}");
            }
            Some(UnlockError::Inconsistent(_)) => {}
            None => panic!("{name}: the change was not seen"),
            Some(other) => panic!("{name}: {other}"),
        }
        let error = file.unlock(Some(b"wrong")).err();
        assert_eq!(error, Some(UnlockError::WrongPassphrase), "{name}");
    }
}

#[test]
fn a_public_half_of_another_key_is_seen() {
    let content = |name: &str| {
        let text: Vec<u8> = bytes(name)
            .split(|&b| b == b'\n')
            .filter(|l| !l.starts_with(b"-"))
            .flatten()
            .copied()
            .collect();
        sshwhy_keys::base64::decode(&text).expect("base64")
    };
    let text = |content: &[u8]| {
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            sshwhy_keys::base64::encode(content)
        )
    };
    let ours = content("openssh-ed25519");
    let public = public_of("openssh-ed25519");
    let key = &public.blob()[19..];
    let at: Vec<usize> = (0..ours.len() - 32)
        .filter(|&n| &ours[n..n + 32] == key)
        .collect();
    assert_eq!(at.len(), 3, "outside, inside, behind the seed");
    let other = public_of("pkcs8-ed25519-openssl");
    let mut outside = ours.clone();
    outside[at[0]..at[0] + 32].copy_from_slice(&other.blob()[19..]);
    let file = read(text(&outside).as_bytes()).expect("read");
    let error = file.unlock(None).err();
    assert_eq!(error, Some(UnlockError::Inconsistent(Inconsistent::Public)));
    // Everywhere: the seed gives it away.
    let mut everywhere = outside;
    for n in &at[1..] {
        everywhere[*n..*n + 32].copy_from_slice(&other.blob()[19..]);
    }
    let file = read(text(&everywhere).as_bytes()).expect("read");
    let error = file.unlock(None).err();
    assert_eq!(error, Some(UnlockError::Inconsistent(Inconsistent::Public)));
    // Behind the seed alone.
    let mut behind = ours.clone();
    behind[at[2]..at[2] + 32].copy_from_slice(&other.blob()[19..]);
    let error = read(text(&behind).as_bytes()).err().expect("an error");
    let FileErrorKind::Structure { at: place, .. } = error.kind else {
        panic!("{error}");
    };
    assert_eq!(place, at[2]);
}

#[test]
fn two_keys_in_one_file_and_bytes_behind_the_key_are_refused() {
    let data = bytes("openssh-ed25519");
    let text: Vec<u8> = data
        .split(|&b| b == b'\n')
        .filter(|l| !l.starts_with(b"-"))
        .flatten()
        .copied()
        .collect();
    let content = sshwhy_keys::base64::decode(&text).expect("base64");
    let frame = |content: &[u8]| {
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            sshwhy_keys::base64::encode(content)
        )
    };
    let count = content
        .windows(4)
        .position(|w| w == [0, 0, 0, 1])
        .expect("a count");
    let mut two = content.clone();
    two[count + 3] = 2;
    let error = read(frame(&two).as_bytes()).err().expect("an error");
    assert!(error.to_string().contains("expected one key"), "{error}");
    let mut longer = content;
    longer.push(7);
    let error = read(frame(&longer).as_bytes()).err().expect("an error");
    assert!(
        error.to_string().contains("the end behind the private key"),
        "{error}"
    );
}

#[test]
fn plain_files_are_written_byte_for_byte_as_ssh_keygen_does() {
    for name in ["rsa", "dsa", "ecdsa256", "ecdsa384", "ecdsa521"] {
        for (format, target) in [
            ("pem", Target::Pem),
            ("pkcs8", Target::Pkcs8 { iterations: 2048 }),
        ] {
            let name = format!("{format}-{name}");
            let data = bytes(&name);
            let (_, key) = opened(&name, &data);
            let ours = write(&key, &target, None, &mut counting()).expect("written");
            assert_eq!(ours.as_slice(), data, "{name}");
        }
    }
    for (name, data) in fixtures() {
        // puttygen's lines are shorter.
        if !name.starts_with("openssh-") || !is_plain(&name) || name.contains("ed448") {
            continue;
        }
        let (_, key) = opened(&name, &data);
        // The check numbers stand in front of the key type inside.
        let text: Vec<u8> = data
            .split(|&b| b == b'\n')
            .filter(|l| !l.starts_with(b"-"))
            .flatten()
            .copied()
            .collect();
        let content = sshwhy_keys::base64::decode(&text).expect("base64");
        let blob = key.public().blob();
        let at = content
            .windows(blob.len())
            .position(|w| w == blob)
            .expect("the blob");
        let at = at + blob.len() + 4;
        let mut rng = Replay(content[at..at + 4].to_vec());
        let target = Target::Openssh(OpensshOptions::default());
        let ours = write(&key, &target, None, &mut rng).expect("written");
        assert_eq!(ours.as_slice(), data, "{name}");
    }
}

#[test]
fn encrypted_pem_is_written_byte_for_byte_as_ssh_keygen_does() {
    for name in ["rsa", "dsa", "ecdsa256", "ecdsa384", "ecdsa521"] {
        let name = format!("pem-{name}-ssh-keygen");
        let data = bytes(&name);
        let (_, key) = opened(&name, &data);
        let text = String::from_utf8_lossy(&data).into_owned();
        let iv = text.split("AES-128-CBC,").nth(1).expect("an IV");
        let iv = (0..16)
            .map(|n| u8::from_str_radix(&iv[2 * n..2 * n + 2], 16).expect("hex"))
            .collect();
        let pass = passphrase();
        let ours = write(&key, &Target::Pem, Some(&pass), &mut Replay(iv)).expect("written");
        assert_eq!(ours.as_slice(), data, "{name}");
    }
}

#[test]
fn what_is_written_with_a_passphrase_is_read_again() {
    let pass = passphrase();
    let ciphers = [
        "aes128-cbc",
        "aes192-cbc",
        "aes256-cbc",
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
        "3des-cbc",
    ];
    let (_, key) = opened("openssh-ed25519", &bytes("openssh-ed25519"));
    for cipher in ciphers {
        let target = Target::Openssh(OpensshOptions { cipher, rounds: 1 });
        let data = write(&key, &target, Some(&pass), &mut counting()).expect("written");
        let (_, again) = opened(cipher, &data);
        assert_eq!(again.public(), key.public(), "{cipher}");
        assert_eq!(again.comment(), key.comment(), "{cipher}");
    }
    for name in ["rsa", "dsa", "ecdsa521", "ed25519", "ed448"] {
        let (_, key) = opened(name, &bytes(&format!("openssh-{name}")));
        let target = Target::Pkcs8 { iterations: 10 };
        let data = write(&key, &target, Some(&pass), &mut counting()).expect("written");
        assert_eq!(opened(name, &data).1.public(), key.public(), "{name}");
    }
}

#[test]
fn keys_of_fido_and_ed25519_do_not_go_where_they_cannot() {
    let (_, sk) = opened("sk", &bytes("openssh-sk-ed25519"));
    let (_, ed) = opened("ed", &bytes("openssh-ed25519"));
    let pkcs8 = Target::Pkcs8 { iterations: 1 };
    assert!(write(&sk, &pkcs8, None, &mut counting()).is_err());
    assert!(write(&sk, &Target::Pem, None, &mut counting()).is_err());
    assert!(write(&ed, &Target::Pem, None, &mut counting()).is_err());
}

#[test]
fn rfc4716_is_written_byte_for_byte_as_puttygen_does() {
    let (_, key) = opened("rsa", &bytes("openssh-rsa"));
    let ours = write(&key, &Target::Rfc4716, None, &mut counting()).expect("written");
    assert_eq!(ours.as_slice(), bytes("rsa.rfc4716"));
    // Quotes and backslashes are escaped, line breaks dropped; the public reader takes it.
    let odd = key.with_comment(b"a \"b\" \\ c\nd".to_vec());
    let ours = write(&odd, &Target::Rfc4716, None, &mut counting()).expect("written");
    assert!(
        ours.windows(24)
            .any(|w| w == b"Comment: \"a \\\"b\\\" \\\\ cd\"")
    );
    let again = sshwhy_keys::load_public(&ours).expect("read");
    assert_eq!(&again.key, odd.public());
}

#[test]
fn a_kind_of_key_not_computed_here_is_kept_as_it_is() {
    use sshwhy_keys::wire::put_string;
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-mldsa44-ed25519@openssh.com");
    put_string(&mut blob, &[7; 1312 + 32]);
    let public = PublicKey::from_blob(&blob).expect("a blob");
    let mut fields = zeroize::Zeroizing::new(Vec::new());
    put_string(&mut fields, &[8; 2560]);
    put_string(&mut fields, &[9; 64]);
    // A comment of every length, so that the padding takes every length too.
    for n in 0..20 {
        let comment = vec![b'c'; n];
        let secret = Secret::Opaque(fields.clone());
        let key = PrivateKey::new(public.clone(), secret, comment.clone());
        let target = Target::Openssh(OpensshOptions::default());
        let data = write(&key, &target, None, &mut counting()).expect("written");
        let (_, again) = opened("mldsa", &data);
        assert_eq!(again.comment(), comment);
        assert_eq!(again.public(), &public);
        let Secret::Opaque(kept) = again.secret() else {
            panic!("another kind");
        };
        assert_eq!(kept, &fields);
    }
}
