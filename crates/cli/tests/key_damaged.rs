//! The corpus of damaged key files: what is said of each, and what puttygen and ssh-keygen say.
//! To write `expected.tsv` anew (and then read every line of it):
//! `SSHWHY_WRITE=1 cargo test -p sshwhy --test key_damaged`.
#![allow(missing_docs)]

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/damaged")
}

fn table(name: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(dir().join(name)).unwrap();
    text.lines()
        .skip(1)
        .map(|l| l.split('\t').map(str::to_owned).collect())
        .collect()
}

/// Name and which passphrase.
fn cases() -> BTreeMap<String, String> {
    table("expected.tsv")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

fn passphrase(which: &str) -> &'static str {
    match which {
        "right" => "correct horse",
        "wrong" => "wrong",
        _ => "",
    }
}

/// `sshwhy key …` on a copy of a case, in a folder of its own, as JSON; and its exit code.
fn sshwhy(name: &str, which: &str, action: &[&str]) -> (Value, i32, tempfile::TempDir) {
    let tmp = tempfile::tempdir().unwrap();
    let copy = tmp.path().join(name);
    fs::copy(dir().join("cases").join(name), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sshwhy"));
    command
        .current_dir(tmp.path())
        .args(["key", action[0], name, "--format", "json"])
        .args(&action[1..])
        .stdin(Stdio::null());
    if which != "-" {
        fs::write(tmp.path().join("pass"), format!("{}\n", passphrase(which))).unwrap();
        command.args(["--passphrase-file", "pass"]);
    }
    let out = command.output().unwrap();
    let document = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{name}: {e}: {}", String::from_utf8_lossy(&out.stderr)));
    (document, out.status.code().unwrap(), tmp)
}

fn found(name: &str, which: &str) -> Vec<[String; 5]> {
    let (document, code, _tmp) = sshwhy(name, which, &["show"]);
    assert_eq!(code, 1, "{name} is damaged");
    let result = &document["key_files"][0];
    let ids: Vec<&str> = (result["causes"].as_array().unwrap().iter())
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    // A passphrase, a format that is not read: of the file itself nothing is said.
    let elsewhere = [
        "client-passphrase-wrong",
        "-or-wrong-passphrase",
        "-too-new",
    ];
    let whole = ids
        .iter()
        .all(|id| elsewhere.iter().any(|e| id.ends_with(e)));
    let state = if whole { "whole" } else { "damaged" };
    assert_eq!(result["state"], state, "{name} {ids:?}");
    result["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            let line = &c["evidence"][0]["line"];
            [
                name.to_owned(),
                which.to_owned(),
                c["id"].as_str().unwrap().to_owned(),
                line.as_u64().map_or("-".into(), |l| l.to_string()),
                c["title"].as_str().unwrap().to_owned(),
            ]
        })
        .collect()
}

#[test]
fn every_damaged_file_gets_its_exact_diagnosis() {
    let mut all = vec!["file\tpassphrase\tid\tline\ttitle".to_owned()];
    for (name, which) in cases() {
        all.extend(found(&name, &which).iter().map(|row| row.join("\t")));
    }
    let path = dir().join("expected.tsv");
    let text = all.join("\n") + "\n";
    if std::env::var_os("SSHWHY_WRITE").is_some() {
        fs::write(&path, text).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap();
    for (ours, theirs) in text.lines().zip(expected.lines()) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(text, expected);
}

#[test]
fn the_corpus_is_whole_and_large_enough() {
    let cases = cases();
    let files: Vec<String> = fs::read_dir(dir().join("cases"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.len() >= 60, "{}", files.len());
    for file in &files {
        assert!(
            cases.contains_key(file),
            "{file} has no row in expected.tsv"
        );
    }
    assert_eq!(files.len(), cases.len());
    let said: Vec<String> = table("said.tsv")
        .into_iter()
        .map(|r| r[0].clone())
        .collect();
    assert_eq!(said, cases.into_keys().collect::<Vec<_>>());
}

/// What we quote of PuTTY and ssh is what they said of this very file.
#[test]
fn quoted_words_are_those_of_the_programs() {
    let said: BTreeMap<String, Vec<String>> = table("said.tsv")
        .into_iter()
        .map(|r| (r[0].clone(), r[1..].to_vec()))
        .collect();
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (name, which) in cases() {
        let (document, ..) = sshwhy(&name, &which, &["show"]);
        for cause in document["key_files"][0]["causes"].as_array().unwrap() {
            for say in cause["says"].as_array().into_iter().flatten() {
                let text = say["text"].as_str().unwrap();
                let recorded = match say["program"].as_str().unwrap() {
                    "ssh" => said[&name][2..].to_vec(),
                    "PuTTY" | "PuTTYgen" => said[&name][..2].to_vec(),
                    _ => continue,
                };
                // `MAC failed (encrypted: Wrong passphrase)`: one or the other.
                let any = text.trim_end_matches(')').split(" (encrypted: ").any(|t| {
                    recorded
                        .iter()
                        .any(|r| r.to_lowercase().contains(&t.to_lowercase()))
                });
                if !any {
                    wrong.push(format!("{name}: {text:?} is not in {recorded:?}"));
                }
                checked += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 50, "{checked}");
}

/// Not one character of a private part is printed: no run of base64 of the private lines.
#[test]
fn nothing_private_is_printed() {
    for (name, which) in cases() {
        if name.ends_with(".pub") {
            continue;
        }
        let data = fs::read(dir().join("cases").join(&name)).unwrap();
        let (document, ..) = sshwhy(&name, &which, &["show"]);
        let (_, _, tmp) = sshwhy(&name, &which, &["show"]);
        let text = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
            .current_dir(tmp.path())
            .args(["key", "show", &name])
            .output()
            .unwrap();
        let printed = format!(
            "{document}{}{}",
            String::from_utf8_lossy(&text.stdout),
            String::from_utf8_lossy(&text.stderr)
        );
        let narrow: Vec<u8> = data.iter().copied().filter(|b| *b != 0).collect();
        // Without the passphrase a change of the private half does not show.
        let (closed, ..) = sshwhy(&name, "-", &["show"]);
        let public = [&document, &closed]
            .map(|d| d["key_files"][0]["line"].as_str().unwrap_or_default())
            .join(" ");
        let text = String::from_utf8_lossy(&narrow);
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)));
        for word in words.filter(|w| w.len() >= 24) {
            let head = &word[..24];
            // The MAC and the public half are no secrets.
            let hex = word.bytes().all(|b| b.is_ascii_hexdigit());
            if public.contains(head) || hex || head.starts_with("AAAA") {
                continue;
            }
            assert!(!printed.contains(head), "{name}: {head} is printed");
        }
    }
}

#[test]
fn what_is_restored_is_whole_and_what_is_lost_is_not_invented() {
    let mut restored = 0;
    for (name, which) in cases() {
        let (document, code, tmp) = sshwhy(&name, &which, &["repair", "--output", "new"]);
        let new = tmp.path().join("new");
        let result = &document["key_files"][0];
        if code == 0 {
            restored += 1;
            assert_eq!(result["done"], true, "{name}");
            let mode = fs::metadata(&new).unwrap().permissions().mode() & 0o7777;
            let private = result["written"][0]["what"] == "private key, restored";
            assert_eq!(mode, if private { 0o600 } else { 0o644 }, "{name}");
            let mut show = Command::new(env!("CARGO_BIN_EXE_sshwhy"));
            show.current_dir(tmp.path()).args(["key", "show", "new"]);
            if which != "-" {
                show.args(["--passphrase-file", "pass"]);
            }
            assert_eq!(show.output().unwrap().status.code(), Some(0), "{name}");
            // Nothing but the three keys of the corpus ever comes out.
            let fingerprint = result["key"]["fingerprint"].as_str().unwrap();
            assert!(
                whole().iter().any(|w| w == fingerprint),
                "{name}: {fingerprint}"
            );
        } else {
            assert_eq!(code, 1, "{name}");
            assert!(!new.exists(), "{name}");
            assert!(!result["causes"].as_array().unwrap().is_empty(), "{name}");
        }
    }
    assert!(restored > 45, "{restored}");
}

/// The fingerprints of the whole keys.
fn whole() -> Vec<String> {
    fs::read_dir(dir().join("whole"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "pub"))
        .map(|p| {
            let out = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
                .args(["key", "show", "--format", "json"])
                .arg(p)
                .output()
                .unwrap();
            let document: Value = serde_json::from_slice(&out.stdout).unwrap();
            let found = document["key_files"][0]["key"]["fingerprint"].as_str();
            found.unwrap().to_owned()
        })
        .collect()
}

/// The recording is that of the programs installed here, where they are those it was made with.
#[test]
fn the_programs_still_say_so() {
    let version = |program: &str, flag: &str| {
        let out = Command::new(program).arg(flag).output().ok()?;
        let all = [out.stdout, out.stderr].concat();
        Some(String::from_utf8_lossy(&all).into_owned())
    };
    let putty = version("puttygen", "--version").is_some_and(|v| v.contains("0.78"));
    let ssh = version("ssh", "-V").is_some_and(|v| v.contains("OpenSSH_9.2"));
    let python = version("python3", "--version").is_some();
    if !(putty && ssh && python) {
        eprintln!("skipped: needs puttygen 0.78, ssh-keygen 9.2 and python3");
        return;
    }
    let out = Command::new("python3")
        .arg("record.py")
        .current_dir(dir())
        .output()
        .unwrap();
    assert!(out.status.success());
    let recorded = fs::read_to_string(dir().join("said.tsv")).unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout), recorded);
}
