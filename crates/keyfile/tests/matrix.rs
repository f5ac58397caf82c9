//! Each type, format and encryption that `puttygen` and `ssh-keygen` make: read here, written here,
//! and read back by them, the public half, the private half and the comment alike.
//!
//! `SSHWHY_FRESH` sets how many fresh Ed25519 keys go to and fro (300).

mod support;

use sshwhy_keyfile::{
    Argon2Flavour, Kdf, NewKey, OpensshOptions, PpkOptions, PrivateKey, Protection, Target,
    generate, public_write, read, write,
};
use sshwhy_keys::Format;
use std::path::{Path, PathBuf};
use support::{Os, has, ok, run};

const PASSPHRASE: &str = "a passphrase, with: signs";
const COMMENT: &str = "alice@laptop (new)";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("pass"), PASSPHRASE).expect("written");
        std::fs::write(folder.path().join("none"), "").expect("written");
        Bench { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).to_str().expect("text").to_owned()
    }

    /// A private file for programs that look at its mode.
    fn save(&self, name: &str, data: &[u8]) -> String {
        use std::os::unix::fs::PermissionsExt;
        let path = self.at(name);
        std::fs::write(&path, data).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("mode");
        self.text(name)
    }

    /// The file of a passphrase, as puttygen takes it.
    fn pass(&self, encrypted: bool) -> String {
        self.text(if encrypted { "pass" } else { "none" })
    }

    /// Everything puttygen knows of a private key, in its own words.
    fn putty_dump(&self, path: &str, encrypted: bool) -> Vec<u8> {
        let pass = self.pass(encrypted);
        let mut args = vec![path, "-O", "text"];
        if encrypted {
            args.extend(["--old-passphrase", &pass]);
        }
        ok("puttygen", &args)
    }

    /// A private key without passphrase, as ssh-keygen writes it in PKCS#8: the same numbers give
    /// the same bytes. Ed25519 has no such form in 9.2: there its public half stands for it.
    fn openssh_dump(&self, path: &str, encrypted: bool) -> Vec<u8> {
        let given = if encrypted { PASSPHRASE } else { "" };
        let mut out = ok("ssh-keygen", &["-y", "-P", given, "-f", path]);
        // The comment is held apart, where the format has one.
        let words: Vec<&[u8]> = out.split(|b| *b == b' ').take(2).collect();
        out = words.join(&b' ');
        out = out.trim_ascii_end().to_vec();
        if !out.starts_with(b"ssh-ed25519 ") {
            let copy = self.save("copy", &std::fs::read(path).expect("read"));
            let args = [
                "-p", "-q", "-m", "PKCS8", "-P", given, "-N", "", "-f", &copy,
            ];
            ok("ssh-keygen", &args);
            out.extend(std::fs::read(&copy).expect("read"));
        }
        out
    }
}

fn opened(path: &Path, encrypted: bool) -> PrivateKey {
    let data = std::fs::read(path).expect("read");
    let file = read(&data).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(
        file.protection != Protection::None,
        encrypted,
        "{}",
        path.display()
    );
    assert!(file.problems.is_empty(), "{:?}", file.problems);
    let key = file
        .unlock(encrypted.then_some(PASSPHRASE.as_bytes()))
        .unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
    key.check().unwrap_or_else(|e| panic!("{e:?}"));
    key
}

fn ppk(version: u32, flavour: Argon2Flavour) -> Target {
    Target::Ppk(PpkOptions {
        version,
        flavour,
        memory: 64,
        passes: 1,
        ..PpkOptions::default()
    })
}

/// What is written here, and which of the two programs reads it.
fn written() -> Vec<(&'static str, Target, bool, bool)> {
    let openssh = |cipher| Target::Openssh(OpensshOptions { cipher, rounds: 1 });
    vec![
        ("ppk 2", ppk(2, Argon2Flavour::Id), true, false),
        ("ppk 3 id", ppk(3, Argon2Flavour::Id), true, false),
        ("ppk 3 i", ppk(3, Argon2Flavour::I), true, false),
        ("ppk 3 d", ppk(3, Argon2Flavour::D), true, false),
        ("openssh", openssh("aes256-ctr"), true, true),
        ("pem", Target::Pem, true, true),
        ("pkcs8", Target::Pkcs8 { iterations: 2048 }, false, true),
    ]
}

/// Reads a file of a real program, writes it in every format, and lets the programs read it.
fn there_and_back(bench: &Bench, name: &str, encrypted: bool, comment: Option<&str>) -> usize {
    let key = opened(&bench.at(name), encrypted);
    if let Some(comment) = comment {
        assert_eq!(key.comment(), comment.as_bytes(), "{name}");
    }
    let key = key.with_comment(COMMENT.as_bytes().to_vec());
    let kind = key.public().key_type().clone();
    let own = kind.name().starts_with(b"ssh-ed");
    let ed448 = kind.name() == b"ssh-ed448";
    let plain = bench.save(
        "reference",
        &write(&key, &ppk(2, Argon2Flavour::Id), None, &mut Os).expect("written"),
    );
    let reference = bench.putty_dump(&plain, false);
    let by_openssh = (!ed448).then(|| {
        let target = Target::Openssh(OpensshOptions::default());
        let data = write(&key, &target, None, &mut Os).expect("written");
        let path = bench.save("reference.openssh", &data);
        bench.openssh_dump(&path, false)
    });
    let mut count = 0;
    for (what, target, putty, openssh) in written() {
        if own && matches!(target, Target::Pem | Target::Pkcs8 { .. }) {
            continue;
        }
        for locked in [false, true] {
            let given = locked.then_some(PASSPHRASE.as_bytes());
            let data = write(&key, &target, given, &mut Os)
                .unwrap_or_else(|e| panic!("{name} as {what}: {e}"));
            let path = bench.save("written", &data);
            if putty {
                let got = bench.putty_dump(&path, locked);
                assert_eq!(got, reference, "{name} as {what}, {locked}: another key");
            }
            if openssh && let Some(want) = &by_openssh {
                let got = bench.openssh_dump(&path, locked);
                assert_eq!(&got, want, "{name} as {what}, {locked}: another key");
            }
            // The comment, where the format has one, by the program that reads it.
            match target {
                Target::Ppk(_) => {
                    let line = ok("puttygen", &["-L", &path]);
                    assert_eq!(line, public_write::line(key.public(), key.comment()));
                }
                Target::Openssh(_) if !ed448 => {
                    let p = if locked { PASSPHRASE } else { "" };
                    let line = ok("ssh-keygen", &["-y", "-P", p, "-f", &path]);
                    assert_eq!(line, public_write::line(key.public(), key.comment()));
                }
                _ => {}
            }
            count += 1;
        }
    }
    // Public forms: RFC 4716 as both read it.
    let rfc = write(&key, &Target::Rfc4716, None, &mut Os).expect("written");
    let path = bench.save("public", &rfc);
    assert_eq!(
        ok("puttygen", &["-L", &path]),
        public_write::line(key.public(), key.comment())
    );
    if !ed448 {
        let line = ok("ssh-keygen", &["-i", "-f", &path]);
        let want = public_write::line(key.public(), b"");
        assert_eq!(line.trim_ascii_end(), want.trim_ascii_end());
    }
    count + 1
}

#[test]
fn everything_puttygen_makes_goes_to_both_and_back() {
    if !has("puttygen") || !has("ssh-keygen") {
        return;
    }
    let bench = Bench::new();
    let types: [(&str, &[&str]); 7] = [
        ("rsa", &["-t", "rsa", "-b", "2048"]),
        ("dsa", &["-t", "dsa", "-b", "1024"]),
        ("ecdsa256", &["-t", "ecdsa", "-b", "256"]),
        ("ecdsa384", &["-t", "ecdsa", "-b", "384"]),
        ("ecdsa521", &["-t", "ecdsa", "-b", "521"]),
        ("ed25519", &["-t", "ed25519"]),
        ("ed448", &["-t", "ed448"]),
    ];
    let formats: [(&str, &str, &str); 6] = [
        ("v2", "private", "version=2"),
        ("v3", "private", "version=3,kdf=argon2id,memory=64,passes=1"),
        ("v3i", "private", "version=3,kdf=argon2i,memory=64,passes=2"),
        ("old", "private-openssh", "version=2"),
        ("new", "private-openssh-new", "version=2"),
        ("sshcom", "private-sshcom", "version=2"),
    ];
    let mut count = 0;
    for (kind, make) in types {
        let base = bench.text("base.ppk");
        let none = bench.pass(false);
        let mut args = vec!["-q", "-C", "a comment", "--new-passphrase", &none];
        args.extend(["--ppk-param", "version=2", "-o", &base]);
        args.extend(make);
        ok("puttygen", &args);
        for (format, kind_of_file, parameters) in formats {
            // ssh.com's format has RSA and DSA alone; `private-openssh` of EdDSA is the new one.
            if format == "sshcom" && kind != "rsa" && kind != "dsa" {
                continue;
            }
            for encrypted in [false, true] {
                let name = format!("{kind}-{format}-{encrypted}");
                let (out, pass) = (bench.text(&name), bench.pass(encrypted));
                let args = [
                    &base,
                    "--reencrypt",
                    "-O",
                    kind_of_file,
                    "--ppk-param",
                    parameters,
                    "--new-passphrase",
                    &pass,
                    "-o",
                    &out,
                ];
                ok("puttygen", &args);
                let comment = matches!(format, "v2" | "v3" | "v3i" | "new" | "sshcom");
                count += there_and_back(&bench, &name, encrypted, comment.then_some("a comment"));
                if kind_of_file == "private" {
                    byte_for_byte(&bench.at(&name), encrypted);
                }
            }
        }
    }
    eprintln!("{count} files of this program's read back by the others");
    assert!(count > 500, "{count}");
}

/// A PPK read and written again with its own parameters is the same file.
fn byte_for_byte(path: &Path, encrypted: bool) {
    let data = std::fs::read(path).expect("read");
    let file = read(&data).expect("read");
    let key = opened(path, encrypted);
    let Format::Ppk { version, .. } = file.format else {
        panic!("no PPK: {}", path.display())
    };
    let mut options = PpkOptions {
        version,
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
    } = &file.protection
    {
        let text = String::from_utf8(data.clone()).expect("text");
        let salt = text
            .lines()
            .find_map(|l| l.strip_prefix("Argon2-Salt: "))
            .expect("a salt");
        let bytes = (0..salt.len() / 2)
            .map(|i| u8::from_str_radix(&salt[2 * i..2 * i + 2], 16).expect("hex"));
        options.flavour = *flavour;
        options.memory = *memory;
        options.passes = *passes;
        options.parallelism = *parallelism;
        options.salt = Some(bytes.collect());
    }
    let given = encrypted.then_some(PASSPHRASE.as_bytes());
    let again = write(&key, &Target::Ppk(options), given, &mut Os).expect("written");
    assert_eq!(again.as_slice(), data, "{}", path.display());
}

#[test]
fn everything_ssh_keygen_makes_goes_to_both_and_back() {
    if !has("puttygen") || !has("ssh-keygen") {
        return;
    }
    let bench = Bench::new();
    let types: [(&str, &str, &str); 6] = [
        ("rsa", "rsa", "2048"),
        ("dsa", "dsa", "1024"),
        ("ecdsa256", "ecdsa", "256"),
        ("ecdsa384", "ecdsa", "384"),
        ("ecdsa521", "ecdsa", "521"),
        ("ed25519", "ed25519", "256"),
    ];
    let mut count = 0;
    for (kind, word, bits) in types {
        for format in ["RFC4716", "PEM", "PKCS8"] {
            if kind == "ed25519" && format != "RFC4716" {
                continue;
            }
            for encrypted in [false, true] {
                let name = format!("{kind}-{format}-{encrypted}");
                let path = bench.text(&name);
                let given = if encrypted { PASSPHRASE } else { "" };
                let args = [
                    "-q",
                    "-t",
                    word,
                    "-b",
                    bits,
                    "-m",
                    format,
                    "-a",
                    "1",
                    "-N",
                    given,
                    "-C",
                    "a comment",
                    "-f",
                    &path,
                ];
                // A ssh-keygen that no longer makes DSA says so.
                if !run("ssh-keygen", &args).status.success() {
                    assert_eq!(kind, "dsa", "{name}");
                    eprintln!("SKIPPED: this ssh-keygen makes no DSA keys");
                    continue;
                }
                let comment = (format == "RFC4716").then_some("a comment");
                count += there_and_back(&bench, &name, encrypted, comment);
            }
        }
    }
    eprintln!("{count} files of this program's read back by the others");
    assert!(count > 300, "{count}");
}

#[test]
fn fresh_ed25519_keys_lose_no_byte_on_the_way() {
    if !has("puttygen") || !has("ssh-keygen") {
        return;
    }
    let bench = Bench::new();
    let fresh: usize = std::env::var("SSHWHY_FRESH").map_or(300, |v| v.parse().expect("a number"));
    let mut leading_zeros = 0;
    for n in 0..fresh {
        let made = generate(NewKey::Ed25519, COMMENT.as_bytes().to_vec(), &mut Os).expect("a key");
        let target = if n % 2 == 0 {
            ppk(2, Argon2Flavour::Id)
        } else {
            ppk(3, Argon2Flavour::Id)
        };
        let data = write(&made, &target, None, &mut Os).expect("written");
        let path = bench.save("fresh", &data);
        // puttygen computes the public half anew, and checks the MAC.
        let out = bench.text("fresh.openssh");
        let args = [&path, "-q", "-O", "private-openssh-new", "-o", &out];
        ok("puttygen", &args);
        let back = opened(Path::new(&out), false);
        assert_eq!(back.public(), made.public());
        assert_eq!(back.comment(), made.comment());
        leading_zeros += usize::from(match made.secret() {
            sshwhy_keyfile::Secret::Ed25519 { seed } => seed[31] == 0 || seed[0] == 0,
            _ => false,
        });
    }
    eprintln!("{fresh} fresh keys, {leading_zeros} with a zero byte at an end");
}
