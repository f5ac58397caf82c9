//! The same questions, put to this crate and to the ssh-keygen of this machine.
//!
//! Without ssh-keygen these tests do nothing, and say so.

mod support;

use sshwhy_keys::{Krl, PublicKey, base64, read_line};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{blob_of, read, root, text, walk};

/// A folder of its own for one test, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let dir = std::env::temp_dir().join(format!("sshwhy-keys-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a temporary folder");
        Scratch(dir)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ssh_keygen(args: &[&str], files: &[&Path]) -> Option<(Option<i32>, String)> {
    match Command::new("ssh-keygen").args(args).args(files).output() {
        Ok(out) => Some((
            out.status.code(),
            String::from_utf8_lossy(&out.stdout).into_owned(),
        )),
        Err(e) => {
            eprintln!("SKIPPED: the comparison with ssh-keygen: it cannot be run here: {e}");
            None
        }
    }
}

#[test]
fn fingerprints_are_those_ssh_keygen_prints_now() {
    for path in walk("plain", ".pub")
        .into_iter()
        .chain(walk("cert", ".pub"))
    {
        let Some((_, out)) = ssh_keygen(&["-l", "-f"], &[&path]) else {
            return;
        };
        if out.is_empty() {
            eprintln!(
                "SKIPPED: {}: this ssh-keygen does not know the key type",
                path.display()
            );
            continue;
        }
        let key = PublicKey::from_blob(&blob_of(&path)).expect("parses");
        assert!(
            out.starts_with(&format!("{} {} ", key.bits(), key.fingerprint())),
            "{out}"
        );
    }
}

/// Changed blobs of every vector: one line each, its number as the comment.
/// ssh-keygen passes over lines it cannot read, so one run judges all of them.
#[test]
fn changed_blobs_are_read_or_refused_as_ssh_keygen_does() {
    let mut lines: Vec<String> = Vec::new();
    for path in walk("plain", ".pub")
        .into_iter()
        .chain(walk("cert", ".pub"))
    {
        let line = text(&path);
        let label = line.split(' ').next().expect("a label");
        let blob = blob_of(&path);
        let step = (blob.len() / 50).max(1);
        let mut add = |blob: &[u8]| {
            lines.push(format!("{label} {} n{}", base64::encode(blob), lines.len()));
        };
        add(&blob);
        add(&[blob.as_slice(), b"\0"].concat());
        for n in (0..blob.len()).step_by(step).chain(0..blob.len().min(48)) {
            for bit in [0x01, 0x20, 0x80] {
                let mut changed = blob.clone();
                changed[n] ^= bit;
                add(&changed);
            }
            add(&blob[..n]);
            // A zero byte more, as in an mpint that is not the shortest.
            add(&[&blob[..n], b"\0", &blob[n..]].concat());
        }
    }
    lines.extend(hand_made(lines.len()));
    let scratch = Scratch::new("blobs");
    let file = scratch.0.join("keys");
    fs::write(&file, lines.join("\n") + "\n").expect("write");
    let Some((_, out)) = ssh_keygen(&["-l", "-f"], &[&file]) else {
        return;
    };
    let theirs: BTreeMap<&str, &str> = out
        .lines()
        .filter_map(|l| {
            let mut words = l.split(' ').skip(1);
            Some((words.next()?, words.next()?)).map(|(fp, comment)| (comment, fp))
        })
        .collect();
    let mut read_by_both = 0;
    for (n, line) in lines.iter().enumerate() {
        let ours = read_line(line.as_bytes());
        let name = format!("n{n}");
        match (theirs.get(name.as_str()), &ours) {
            (Some(fp), Ok((key, _))) => {
                read_by_both += 1;
                assert_eq!(*fp, key.fingerprint(), "{line}");
            }
            (None, Err(_)) => {}
            (theirs, _) => panic!("ssh-keygen: {theirs:?}, here: {ours:?}\n{line}"),
        }
    }
    eprintln!(
        "{} lines compared, {read_by_both} of them keys",
        lines.len()
    );
}

/// Names inside and outside the blob that sshd takes for others.
fn hand_made(from: usize) -> Vec<String> {
    let rsa = blob_of(&root().join("plain/rsa2048.pub"));
    let ed = blob_of(&root().join("plain/ed25519.pub"));
    let ec = blob_of(&root().join("plain/ecdsa256.pub"));
    let named = |blob: &[u8], name: &str| {
        let old = 4 + usize::from(blob[3]);
        let len = u32::try_from(name.len()).expect("short").to_be_bytes();
        [&len, name.as_bytes(), &blob[old..]].concat()
    };
    let cases = [
        ("rsa-sha2-256", rsa.clone()),
        ("rsa-sha2-512", rsa.clone()),
        ("RSA", rsa.clone()),
        ("ssh-rsa", named(&rsa, "RSA")),
        ("ssh-rsa", named(&rsa, "rsa")),
        ("ssh-rsa", named(&rsa, "rsa-sha2-512")),
        ("ssh-rsa", named(&rsa, "ssh-rsa\0")),
        ("ssh-ed25519", named(&ed, "ED25519")),
        ("ssh-ed25519", named(&ed, "ed25519")),
        ("SSH-ED25519", ed.clone()),
        ("ssh-rsa", ed.clone()),
        ("ecdsa-sha2-nistp256", named(&ec, "ECDSA")),
        ("ecdsa-sha2-nistp384", ec.clone()),
        ("ecdsa-sha2-nistp256", named(&ec, "ecdsa-sha2-nistp384")),
    ];
    let line = |(n, (label, blob)): (usize, (&str, Vec<u8>))| {
        format!("{label} {} n{}", base64::encode(&blob), from + n)
    };
    cases.into_iter().enumerate().map(line).collect()
}

#[test]
fn changed_krls_revoke_or_fail_as_ssh_keygen_says() {
    let keys: Vec<PathBuf> = [
        "plain/rsa2048.pub",
        "plain/ed25519.pub",
        "cert/by-ed25519-cert.pub",
        "cert/options-cert.pub",
    ]
    .iter()
    .map(|k| root().join(k))
    .collect();
    let parsed: Vec<PublicKey> = keys
        .iter()
        .map(|k| PublicKey::from_blob(&blob_of(k)).expect("a key"))
        .collect();
    let scratch = Scratch::new("krls");
    let file = scratch.0.join("krl");
    for path in walk("krl", ".krl") {
        let data = read(&path);
        for n in (8..data.len()).step_by(data.len() / 25 + 1) {
            let mut changed = data.clone();
            changed[n] ^= 1;
            fs::write(&file, &changed).expect("write");
            let mut files = vec![file.as_path()];
            files.extend(keys.iter().map(PathBuf::as_path));
            let Some((code, _)) = ssh_keygen(&["-Q", "-f"], &files) else {
                return;
            };
            let ours = match Krl::parse(&changed) {
                Ok(list) if list.refused_before_9_4.is_some() => continue,
                Ok(list) => i32::from(parsed.iter().any(|k| list.is_revoked(k).is_some())),
                Err(_) => 255,
            };
            assert_eq!(code, Some(ours), "{} with byte {n} changed", path.display());
        }
    }
}
