//! What `sshwhy key` says: what is offered works, what is printed can be explained, and a file that
//! is whole is not called damaged.
#![allow(missing_docs)]

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .args(args)
        .current_dir(dir)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(dir: &Path, args: &[&str]) -> String {
    String::from_utf8(run(dir, args).stdout).unwrap()
}

fn copy(dir: &Path, from: &str) -> String {
    let name = from.rsplit('/').next().unwrap().to_owned();
    fs::copy(vectors().join(from), dir.join(&name)).unwrap();
    fs::set_permissions(dir.join(&name), fs::Permissions::from_mode(0o600)).unwrap();
    name
}

#[test]
fn a_repair_is_offered_where_it_works_and_nowhere_else() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let (mut offered, mut wrong) = (0, Vec::new());
    for case in fs::read_dir(vectors().join("damaged/cases")).unwrap() {
        let name = case.unwrap().file_name().into_string().unwrap();
        let name = copy(dir, &format!("damaged/cases/{name}"));
        let shown = text(dir, &["key", "show", &name]);
        let command = format!("sshwhy key repair --output {name}.new -- {name}\n");
        let offers = shown.contains(&command);
        let words: Vec<&str> = command.trim_end().split(' ').skip(1).collect();
        let works = run(dir, &words).status.success();
        offered += usize::from(offers);
        // Where nothing is damaged, a copy is made, and not offered.
        if offers != works && shown.contains("\ndamaged[") {
            wrong.push(format!("{name}: offered {offers}, works {works}"));
        }
        if shown.contains(" FILE") || shown.contains(" NEW") {
            wrong.push(format!("{name}: {shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(offered > 25, "{offered}");
}

#[test]
fn every_id_that_is_printed_can_be_explained() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let mut ids = BTreeSet::new();
    for case in fs::read_dir(vectors().join("damaged/cases")).unwrap() {
        let name = case.unwrap().file_name().into_string().unwrap();
        let name = copy(dir, &format!("damaged/cases/{name}"));
        let doc: Value =
            serde_json::from_slice(&run(dir, &["key", "show", &name, "--format", "json"]).stdout)
                .unwrap();
        for list in ["causes", "notes"] {
            for p in doc["key_files"][0][list].as_array().unwrap() {
                ids.insert(p["id"].as_str().unwrap().to_owned());
            }
        }
    }
    assert!(ids.len() > 30, "{ids:?}");
    for id in &ids {
        let page = text(dir, &["explain", id]);
        assert!(page.starts_with(&format!("# {id}\n")), "{id}: {page}");
        let page: Value =
            serde_json::from_slice(&run(dir, &["explain", id, "--format", "json"]).stdout).unwrap();
        assert_eq!(page["page"]["id"], id.as_str());
    }
}

#[test]
fn what_is_whole_is_not_called_damaged() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    fs::write(dir.join("wrong"), "wrong\n").unwrap();
    fs::write(dir.join("none"), "").unwrap();
    let locked = copy(dir, "damaged/whole/ed-enc");
    let public = copy(dir, "damaged/whole/ed.pub");
    copy(dir, "keyfile/openssh-sk-ed25519");
    for args in [
        ["show", &locked, "--passphrase-file", "wrong"].as_slice(),
        &["line", &locked, "--passphrase-file", "wrong"],
        &[
            "convert",
            &public,
            "--to",
            "ppk",
            "--output",
            "n1",
            "--passphrase-file",
            "none",
        ],
        &[
            "convert",
            "openssh-sk-ed25519",
            "--to",
            "ppk",
            "--output",
            "n2",
            "--new-passphrase-file",
            "none",
        ],
    ] {
        let out = run(dir, &[&["key"], args].concat());
        let said = String::from_utf8([out.stdout, out.stderr].concat()).unwrap();
        assert!(!said.contains("damaged["), "{said}");
        assert!(!said.contains(": damaged"), "{said}");
    }
    let args = [
        "key",
        "show",
        &locked,
        "--passphrase-file",
        "wrong",
        "--format",
        "json",
    ];
    let doc: Value = serde_json::from_slice(&run(dir, &args).stdout).unwrap();
    assert_eq!(doc["key_files"][0]["state"], "whole");
    assert_eq!(doc["key_files"][0]["private"]["state"], "wrong-passphrase");
}

#[test]
fn every_block_of_an_rfc_4716_file_is_listed_and_gets_its_line() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    for (name, new) in [
        ("damaged/whole/rsa.rfc4716", "a"),
        ("keyfile/rsa.rfc4716", "b"),
    ] {
        fs::copy(vectors().join(name), dir.join(new)).unwrap();
    }
    let prints: Vec<String> = ["a", "b"]
        .map(|f| {
            let out = Command::new("ssh-keygen")
                .args(["-i", "-f"])
                .arg(dir.join(f))
                .output()
                .unwrap();
            fs::write(dir.join(format!("{f}.pub")), &out.stdout).unwrap();
            String::from_utf8(out.stdout)
                .unwrap()
                .split(' ')
                .nth(1)
                .unwrap()
                .trim()
                .to_owned()
        })
        .into();
    let both = [
        fs::read(dir.join("a")).unwrap(),
        fs::read(dir.join("b")).unwrap(),
    ]
    .concat();
    fs::write(dir.join("both"), both).unwrap();
    let shown = run(dir, &["key", "show", "both"]);
    assert_eq!(shown.status.code(), Some(0));
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(shown.matches("SHA256:").count(), 2, "{shown}");
    assert!(!shown.contains("damaged"), "{shown}");
    let doc: Value =
        serde_json::from_slice(&run(dir, &["key", "show", "both", "--format", "json"]).stdout)
            .unwrap();
    assert_eq!(doc["key_files"][0]["keys"].as_array().unwrap().len(), 2);
    let lines = text(dir, &["key", "line", "both"]);
    for blob in &prints {
        assert!(lines.contains(blob.as_str()), "{lines}");
    }
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(
        text(dir, &["key", "line", "both", "--command"])
            .lines()
            .count(),
        2
    );
}

#[test]
fn rights_and_clients_say_the_same_of_a_format() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    let ppk = copy(dir, "damaged/whole/ed.ppk");
    let shown = text(dir, &["key", "show", &ppk]);
    assert!(
        shown.contains("OpenSSH does not read this format"),
        "{shown}"
    );
    assert!(shown.contains("OpenSSH: cannot read PPK"), "{shown}");
    // The type of an encrypted PEM is behind the passphrase, the format is not.
    let pem = copy(dir, "damaged/whole/rsa-enc.pem");
    let shown = text(dir, &["key", "show", &pem]);
    assert!(shown.contains("OpenSSH: reads it"), "{shown}");
    assert!(shown.contains("PuTTYgen imports it"), "{shown}");
}

#[test]
fn an_ed448_key_is_said_to_be_puttys() {
    let tmp = tempfile::tempdir().unwrap();
    fs::write(tmp.path().join("none"), "").unwrap();
    let args = [
        "key",
        "generate",
        "--type",
        "ed448",
        "--output",
        "k",
        "--new-passphrase-file",
        "none",
    ];
    let said = text(tmp.path(), &args);
    assert!(said.contains("OpenSSH has none"), "{said}");
    assert!(said.contains("PuTTY's format"), "{said}");
}

#[test]
fn an_indented_end_mark_is_named_and_put_right() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    for file in [
        "keyfile/pem-rsa",
        "keyfile/openssh-ed25519",
        "keyfile/pkcs8-rsa",
    ] {
        let text = fs::read_to_string(vectors().join(file)).unwrap();
        let at = text.find("-----END").unwrap();
        let path = dir.join("k");
        fs::write(&path, format!("{}  {}", &text[..at], &text[at..])).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let theirs = Command::new("ssh-keygen")
            .args(["-y", "-f"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(!theirs.status.success(), "{file}");
        assert!(
            text_of(dir, "k").contains("damaged[key-file-indented]"),
            "{file}"
        );
        let new = dir.join("k.new");
        let _ = fs::remove_file(&new);
        assert!(
            run(dir, &["key", "repair", "k", "--output", "k.new"])
                .status
                .success()
        );
        let theirs = Command::new("ssh-keygen")
            .args(["-y", "-f"])
            .arg(&new)
            .output()
            .unwrap();
        assert!(theirs.status.success(), "{file}");
    }
}

#[test]
fn an_empty_line_within_pem_is_named_where_ssh_minds_it() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = tmp.path();
    for file in [
        "keyfile/pem-rsa",
        "keyfile/pkcs8-rsa",
        "keyfile/openssh-rsa",
    ] {
        let text = fs::read_to_string(vectors().join(file)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for at in [1, 2, 5, lines.len() - 1] {
            let mut all = lines.clone();
            all.insert(at, "");
            let path = dir.join("k");
            fs::write(&path, all.join("\n") + "\n").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let theirs = Command::new("ssh-keygen")
                .args(["-y", "-f"])
                .arg(&path)
                .output()
                .unwrap();
            let named = text_of(dir, "k").contains("damaged[key-file-blank-line]");
            assert_eq!(named, !theirs.status.success(), "{file} {at}");
            if named {
                let new = dir.join("k.new");
                let _ = fs::remove_file(&new);
                assert!(
                    run(dir, &["key", "repair", "k", "--output", "k.new"])
                        .status
                        .success()
                );
                let theirs = Command::new("ssh-keygen")
                    .args(["-y", "-f"])
                    .arg(&new)
                    .output();
                assert!(theirs.unwrap().status.success(), "{file} {at}");
            }
        }
    }
}

fn text_of(dir: &Path, name: &str) -> String {
    text(dir, &["key", "show", name])
}
