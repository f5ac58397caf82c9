//! `sshwhy demo`: each story from the refusal to the login, as a plain user, and nothing is left.
#![allow(missing_docs)]

use serde_json::Value;
use std::process::{Command, Output, Stdio};

fn demo(words: &[&str], temp: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sshwhy"))
        .arg("demo")
        .args(words)
        .env("TMPDIR", temp)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

#[test]
fn every_cause_of_the_list_is_refused_named_mended_and_let_in() {
    let temp = tempfile::tempdir().unwrap();
    let list = demo(&["--list", "--format", "json"], temp.path());
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    let ids: Vec<&str> = list["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert!(ids.len() >= 170, "{ids:?}");
    let mut let_in = 0;
    let mut wrong = Vec::new();
    for id in &ids {
        let out = demo(&[id], temp.path());
        if out.status.code() != Some(0) {
            wrong.push(format!("{id}: {}", text(&out)));
        }
        let_in += usize::from(text(&out).contains("\n  |<- SUCCESS"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // A file that no sshd starts with, an account that is not there, keys that are none.
    assert!(ids.len() - let_in <= 4, "{let_in} of {}", ids.len());
    assert_eq!(
        temp.path().read_dir().unwrap().count(),
        0,
        "nothing is left"
    );
}

#[test]
fn the_story_without_a_cause_has_each_kind_once() {
    let temp = tempfile::tempdir().unwrap();
    let out = demo(&[], temp.path());
    let text = text(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    for what in [
        "1 of 6  the key in the wrong form on the server",
        "would refuse[key-line-wrapped]",
        "2 of 6  permissions",
        "would refuse[home-writable]",
        "refused[ppk-given-to-openssh]",
        "refused[agent-not-running]",
        "would refuse[pubkey-authentication-off]",
        "6 of 6  restrictions of the account",
        "would refuse[user-denied]",
        "PuTTY says:    Server refused our key",
    ] {
        assert!(text.contains(what), "{what}: {text}");
    }
    assert_eq!(
        text.matches("accepted: sshd lets this login in").count(),
        6,
        "{text}"
    );
    assert_eq!(
        temp.path().read_dir().unwrap().count(),
        0,
        "nothing is left"
    );
}

#[test]
fn what_cannot_be_shown_is_said() {
    let temp = tempfile::tempdir().unwrap();
    let out = demo(&["max-startups"], temp.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out).contains("it hangs on another machine"));
    let out = demo(&["no-such"], temp.path());
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out).contains("there is no such cause"));
}

#[test]
fn a_plain_user_sees_the_whole_story() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        // Then the tests above are a plain user's already.
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(temp.path(), open).unwrap();
    let program = temp.path().join("sshwhy");
    std::fs::copy(env!("CARGO_BIN_EXE_sshwhy"), &program).unwrap();
    let out = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .arg("demo")
        .env("TMPDIR", temp.path())
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = text(&out);
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert_eq!(
        text.matches("accepted: sshd lets this login in").count(),
        6,
        "{text}"
    );
    assert_eq!(
        temp.path().read_dir().unwrap().count(),
        1,
        "nothing is left"
    );
}

#[test]
fn the_readme_shows_lines_of_the_story() {
    let temp = tempfile::tempdir().unwrap();
    let out = demo(&[], temp.path());
    let text = text(&out);
    let readme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let block = readme.split("```").find(|b| b.starts_with("\n1 of 6  "));
    let block = block.expect("the README shows the first story");
    let mut lines = text.lines();
    let (mut shown, mut whole) = (0, true);
    for line in block.lines().skip(1) {
        if line == " …" {
            whole = false;
            continue;
        }
        // Nothing is left out without saying so.
        let found = if whole {
            lines.next() == Some(line)
        } else {
            lines.any(|l| l == line)
        };
        assert!(found, "not in the output, or not here: {line}");
        (shown, whole) = (shown + 1, true);
    }
    assert!(shown >= 10, "{shown}");
}

/// A server that knows one key, and clients that offer another.
#[test]
fn real_clients_say_what_is_quoted_of_them() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    for client in ["ssh", "ssh-keygen", "plink", "puttygen", "setpriv"] {
        let path = std::env::var_os("PATH").unwrap_or_default();
        if !std::env::split_paths(&path).any(|d| d.join(client).is_file()) {
            eprintln!("SKIPPED: real_clients_say_what_is_quoted_of_them: no {client}");
            return;
        }
    }
    // `serve` opens no sessions as root, and another user has to reach the program.
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    std::fs::set_permissions(dir, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::copy(env!("CARGO_BIN_EXE_sshwhy"), dir.join("sshwhy")).unwrap();
    let me = std::fs::metadata("/proc/self").unwrap().uid();
    let uid = if me == 0 { 65_534 } else { me };
    let run = |program: &str, words: &[&str]| {
        let mut command = Command::new("setpriv");
        if me == 0 {
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        command.arg(program).args(words).current_dir(dir);
        command.env("HOME", dir).env_remove("SSH_AUTH_SOCK");
        command.stdin(Stdio::null());
        command
    };
    std::fs::create_dir(dir.join("keys")).unwrap();
    if me == 0 {
        chown(dir, Some(uid), Some(uid)).unwrap();
        chown(dir.join("keys"), Some(uid), Some(uid)).unwrap();
    }
    for name in ["id", "other"] {
        let words = ["-q", "-t", "ed25519", "-N", "", "-f", name];
        assert!(run("ssh-keygen", &words).status().unwrap().success());
    }
    let words = ["id", "-O", "private", "-o", "id.ppk"];
    assert!(run("puttygen", &words).status().unwrap().success());
    std::fs::copy(dir.join("other.pub"), dir.join("keys/other.pub")).unwrap();
    let words = [
        "serve",
        "--session",
        "--keys",
        "keys",
        "--listen",
        "127.0.0.1:0",
        "--penalty",
        "0",
    ];
    let mut server = run("./sshwhy", &words)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut next = |before: &str| {
        let line = lines.next().unwrap().unwrap();
        let rest = line
            .split_once(before)
            .expect("what the server says first")
            .1;
        rest.split([' ', ','])
            .next()
            .unwrap()
            .trim_end_matches(':')
            .to_owned()
    };
    let port = next("127.0.0.1:");
    let host_key = next("host key ");
    let rest = std::thread::spawn(move || lines.count());
    let options = [
        "-F",
        "none",
        "-o",
        "BatchMode=yes",
        "-o",
        "IdentitiesOnly=yes",
        "-o",
        "LogLevel=ERROR",
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
        "-l",
        "nobody",
        "-p",
        &port,
    ];
    let ssh = |key: &str| {
        let words = [options.as_slice(), &["-i", key, "127.0.0.1", "true"]].concat();
        text(&run("ssh", &words).output().unwrap())
    };
    let (refused, ppk) = (ssh("id"), ssh("id.ppk"));
    let words = [
        "-batch",
        "-noagent",
        "-hostkey",
        &host_key,
        "-P",
        &port,
        "-l",
        "nobody",
        "-i",
        "id.ppk",
        "127.0.0.1",
        "true",
    ];
    let putty = text(&run("plink", &words).output().unwrap());
    server.kill().unwrap();
    server.wait().unwrap();
    rest.join().unwrap();
    assert!(
        refused
            .trim_end()
            .ends_with("Permission denied (publickey)."),
        "{refused}"
    );
    assert!(ppk.starts_with("Load key \"id.ppk\": "), "{ppk}");
    assert!(putty.contains("Server refused our key"), "{putty}");
    let none = "No supported authentication methods available (server sent: publickey)";
    assert!(putty.contains(none), "{putty}");
}
