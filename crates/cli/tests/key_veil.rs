//! Whatever is wrong with a private key file, no part of the key is shown: not twelve characters of
//! its base64, not six bytes of a private number, no passphrase.
#![allow(missing_docs)]

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const WINDOW: usize = 12;
const PASSPHRASE: &str = "Zq7-first-marker-pass-phrase";

/// Private key files of every format: name, and where it stands.
const FILES: [&str; 18] = [
    "damaged/whole/ed",
    "damaged/whole/ec",
    "damaged/whole/ed-enc",
    "damaged/whole/ed.ppk",
    "damaged/whole/ed2.ppk",
    "damaged/whole/ed-enc.ppk",
    "damaged/whole/rsa.ppk",
    "damaged/whole/rsa.pem",
    "damaged/whole/rsa-enc.pem",
    "damaged/whole/rsa.sshcom",
    "keyfile/openssh-rsa",
    "keyfile/openssh-ecdsa521",
    "keyfile/pem-dsa",
    "keyfile/pem-ecdsa256",
    "keyfile/pkcs8-ed25519-openssl",
    "keyfile/pkcs8-ed448-openssl",
    "keyfile/pkcs8-rsa",
    "keyfile/sshcom-dsa",
];

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

/// Lines that are neither marks nor headers nor those of the public half.
fn private_lines(text: &str) -> Vec<&str> {
    let mut public = 0usize;
    let mut out = Vec::new();
    for line in text.lines() {
        if let Some(count) = line.strip_prefix("Public-Lines: ") {
            public = count.parse().unwrap();
        } else if public > 0 {
            public -= 1;
        } else if !line.contains(':') && !line.contains("--") {
            out.push(line);
        }
    }
    out
}

/// What may not be seen, of one file: pieces of its base64, and its numbers in hexadecimal.
struct Secret {
    base64: HashSet<Vec<u8>>,
    /// The file may print these: its public half stands in it too.
    public: Vec<u8>,
}

impl Secret {
    fn of(data: &[u8]) -> Secret {
        let text = std::str::from_utf8(data).unwrap();
        let lines = private_lines(text);
        let mut base64 = HashSet::new();
        // As it stands, and with its lines joined.
        for line in lines.iter().copied().chain([lines.concat().as_str()]) {
            base64.extend(line.as_bytes().windows(WINDOW).map(<[u8]>::to_vec));
        }
        let file = sshwhy_keyfile::read(data).unwrap();
        let public = file.public.map_or_else(Vec::new, |key| {
            sshwhy_keyfile::public_write::line(&key, b"")
        });
        // Every key's frame.
        for frame in [
            b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAA".as_slice(),
            &public,
        ] {
            for piece in frame.windows(WINDOW) {
                base64.remove(piece);
            }
        }
        assert!(base64.len() > 20);
        Secret { base64, public }
    }

    fn numbers(data: &[u8]) -> Vec<Vec<u8>> {
        use sshwhy_keyfile::Secret as S;
        let Ok(key) = sshwhy_keyfile::read(data)
            .unwrap()
            .unlock(Some(b"correct horse"))
        else {
            return Vec::new();
        };
        match key.secret() {
            S::Ed25519 { seed } => vec![seed.to_vec()],
            S::Ecdsa { scalar, .. } => vec![scalar.to_vec()],
            S::Rsa { d, p, q, iqmp } => [d, p, q, iqmp].map(|n| n.to_vec()).into(),
            _ => Vec::new(),
        }
    }

    fn seen_in(&self, out: &[u8]) -> Option<String> {
        let found = out.windows(WINDOW).find(|w| self.base64.contains(*w))?;
        (!self.public.windows(WINDOW).any(|w| w == found))
            .then(|| String::from_utf8_lossy(found).into_owned())
    }
}

/// The file damaged in every way that moves, glues, quotes or hides its lines.
fn damaged(data: &[u8]) -> Vec<(String, Vec<u8>)> {
    let text = std::str::from_utf8(data).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let join = |all: &[String]| (all.join("\n") + "\n").into_bytes();
    let each = |f: &dyn Fn(usize, &str) -> String| -> Vec<u8> {
        let all: Vec<String> = lines.iter().enumerate().map(|(n, l)| f(n, l)).collect();
        join(&all)
    };
    let mut out: Vec<(String, Vec<u8>)> = vec![
        ("indented".into(), each(&|_, l| format!("    {l}"))),
        ("tabs".into(), each(&|_, l| format!("\t{l}"))),
        ("quoted".into(), each(&|_, l| format!("> {l}"))),
        ("quoted-twice".into(), each(&|_, l| format!(">> {l}"))),
        ("html".into(), each(&|_, l| format!("<p>{l}</p>"))),
        ("html-br".into(), each(&|_, l| format!("{l}<br>"))),
        ("pre".into(), [b"<pre>", data, b"</pre>"].concat()),
        ("crlf".into(), text.replace('\n', "\r\n").into_bytes()),
        ("crcrlf".into(), text.replace('\n', "\r\r\n").into_bytes()),
        ("cr".into(), text.replace('\n', "\r").into_bytes()),
        ("no-final".into(), text.trim_end().as_bytes().to_vec()),
        ("bom".into(), [b"\xef\xbb\xbf", data].concat()),
        (
            "utf16le".into(),
            [b"\xff\xfe".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
        ),
        ("utf16be-bare".into(), text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        ("one-line".into(), lines.concat().into_bytes()),
        ("blanks".into(), lines.join(" ").into_bytes()),
        ("escaped".into(), lines.join("\\n").into_bytes()),
        ("prompt".into(), [b"alice@host:~$ cat key\n", data].concat()),
        ("prompt-glued".into(), [b"alice@host:~$ ", data].concat()),
        ("trailing".into(), each(&|_, l| format!("{l}  "))),
        ("string".into(), each(&|_, l| format!("\"{l}\""))),
        ("key-type-before".into(), each(&|_, l| format!("ssh-ed25519 {l}"))),
        ("rsa-before".into(), each(&|_, l| format!("ssh-rsa {l} me"))),
        ("comment-before".into(), each(&|_, l| format!("Comment: {l}"))),
        ("from-before".into(), each(&|_, l| format!("from=\"{l}\" ssh-ed25519 {l}"))),
        ("hash".into(), each(&|_, l| format!("# {l}"))),
        ("upside-down".into(), join(&lines.iter().rev().map(|l| (*l).to_owned()).collect::<Vec<_>>())),
        ("narrow".into(), text.as_bytes().chunks(20).flat_map(|c| [c, b"\n"].concat()).collect()),
        ("apart".into(), text.bytes().flat_map(|b| [b, b' ']).collect()),
        ("no-marks".into(), join(&lines.iter().filter(|l| !l.contains("--")).map(|l| (*l).to_owned()).collect::<Vec<_>>())),
        ("private-alone".into(), join(&private_lines(text).iter().map(|l| (*l).to_owned()).collect::<Vec<_>>())),
        ("behind-public".into(), [b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS me\n", data].concat()),
        ("glued-to-public".into(), [b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS ", private_lines(text).concat().as_bytes()].concat()),
        ("glued-to-blob".into(), [b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS", private_lines(text).concat().as_bytes()].concat()),
        ("rfc4716".into(), format!("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"{}\"\n{}\n---- END SSH2 PUBLIC KEY ----\n", private_lines(text)[0], private_lines(text).join("\n")).into_bytes()),
        ("label".into(), format!("-----BEGIN {}-----\n{text}", private_lines(text)[0]).into_bytes()),
        ("half".into(), data[..data.len() / 2].to_vec()),
        ("most".into(), data[..data.len() * 9 / 10].to_vec()),
    ];
    // Of a long file some lines are enough.
    let step = lines.len().div_ceil(6);
    for n in (0..lines.len()).step_by(step) {
        let without: Vec<String> = lines
            .iter()
            .enumerate()
            .filter(|(m, _)| *m != n)
            .map(|(_, l)| (*l).to_owned())
            .collect();
        out.push((format!("lost-{n}"), join(&without)));
        // Its end is lost.
        out.push((
            format!("glued-{n}"),
            each(&|m, l| {
                if m == n {
                    format!("{l}\u{1}")
                } else {
                    l.to_owned()
                }
            })
            .split(|b| *b == 1)
            .enumerate()
            .flat_map(|(k, part)| part.get(usize::from(k > 0)..).unwrap_or_default().to_vec())
            .collect(),
        ));
        out.push((
            format!("indented-{n}"),
            each(&|m, l| {
                if m == n {
                    format!("  {l}")
                } else {
                    l.to_owned()
                }
            }),
        ));
        out.push((
            format!("typed-{n}"),
            each(&|m, l| {
                if m == n {
                    format!("ssh-ed25519 {l} x")
                } else {
                    l.to_owned()
                }
            }),
        ));
        let mut first = without.clone();
        first.insert(0, lines[n].to_owned());
        out.push((format!("first-{n}"), join(&first)));
        let mut last = without.clone();
        last.push(lines[n].to_owned());
        out.push((format!("last-{n}"), join(&last)));
        let mut up = without;
        up.insert(n.saturating_sub(1), lines[n].to_owned());
        out.push((format!("up-{n}"), join(&up)));
    }
    out
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .args(args)
        .current_dir(dir)
        .env("HOME", dir)
        .env_remove("SSH_AUTH_SOCK")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn no_piece_of_a_private_key_is_shown_whatever_happened_to_its_file() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    for (name, text) in [("pass", PASSPHRASE), ("right", "correct horse")] {
        fs::write(dir.join(name), format!("{text}\n")).unwrap();
    }
    let mut tried = 0usize;
    let mut wrong = Vec::new();
    for (f, file) in FILES.iter().enumerate() {
        let data = fs::read(vectors().join(file)).unwrap();
        let secret = Secret::of(&data);
        let numbers: Vec<Vec<u8>> = Secret::numbers(&data)
            .iter()
            .flat_map(|n| {
                n.windows(6)
                    .skip(4)
                    .take(8)
                    .map(<[u8]>::to_vec)
                    .collect::<Vec<_>>()
            })
            .flat_map(|n| {
                let hex: String = n.iter().map(|b| format!("{b:02x}")).collect();
                [
                    hex.into_bytes(),
                    n.escape_ascii().to_string().into_bytes(),
                    n,
                ]
            })
            .collect();
        let mut look = |args: &[&str]| {
            let out = run(dir, args);
            tried += 1;
            let all = [out.stdout, out.stderr].concat();
            assert!(!all.windows(9).any(|w| w == b"panicked "), "{args:?}");
            if let Some(piece) = secret.seen_in(&all) {
                wrong.push(format!("{file}: {piece}: {args:?}"));
            }
            if all
                .windows(16)
                .any(|w| PASSPHRASE.as_bytes().windows(16).any(|p| p == w))
            {
                wrong.push(format!("{file} {args:?}: the passphrase"));
            }
            for n in &numbers {
                if all.windows(n.len()).any(|w| w == n) {
                    wrong.push(format!("{file} {args:?}: {}", n.escape_ascii()));
                }
            }
        };
        let mut names = Vec::new();
        for (what, bytes) in damaged(&data) {
            let name = format!("{f}-{what}");
            let path = dir.join(&name);
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            names.push(name);
        }
        for chunk in names.chunks(40) {
            for more in [
                ["--format", "text"].as_slice(),
                &["--format", "json"],
                &["--passphrase-file", "pass"],
                &["--format", "json", "--passphrase-file", "right"],
            ] {
                let files = chunk.iter().map(String::as_str);
                look(
                    &["key", "show"]
                        .into_iter()
                        .chain(files)
                        .chain(more.iter().copied())
                        .collect::<Vec<_>>(),
                );
            }
        }
        for (n, name) in names.iter().enumerate() {
            let out = format!("{name}.out");
            let pass = ["--passphrase-file", "pass"];
            // Each does one of these, and all of them are done to each kind of file.
            match n.wrapping_add(f) % 6 {
                0 => {
                    look(&["key", "show", name]);
                    look(&["key", "line", name]);
                }
                1 => look(&["key", "repair", name, "--output", &out]),
                2 => look(
                    &[
                        ["key", "repair", name, "--output", &out, "--format", "json"].as_slice(),
                        &pass,
                    ]
                    .concat(),
                ),
                3 => look(
                    &[
                        ["key", "convert", name, "--to", "line", "--output", &out].as_slice(),
                        &pass,
                    ]
                    .concat(),
                ),
                4 => {
                    look(&["audit", "--key", name]);
                    look(&[["agent", "add", name].as_slice(), &pass].concat());
                }
                _ => look(&[
                    "key",
                    "passphrase",
                    name,
                    "--output",
                    &out,
                    "--passphrase-file",
                    "pass",
                    "--new-passphrase-file",
                    "pass",
                ]),
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {tried}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
