//! The real program on small trees of its own.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp";
const OTHER: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN9cqxZTgQ3Yw5WqyqT1bYvC3u2rZkqk6pA6eC1oZP3E";

/// An unpacked system with one account, alice, removed at the end.
struct Tree {
    dir: PathBuf,
    uid: u32,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Tree {
    fn new(config: &str, keys: &[u8]) -> Tree {
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("sshwhy-cli-{}-{n}", std::process::id()));
        fs::create_dir_all(dir.join("root")).unwrap();
        let me = fs::metadata(&dir).unwrap().uid();
        // Root can give files away; anybody else is alice.
        let tree = Tree {
            dir,
            uid: if me == 0 { 4242 } else { me },
        };
        let uid = tree.uid;
        tree.file(
            "etc/passwd",
            0o644,
            format!(
                "root:x:0:0:root:/root:/bin/sh\nalice:x:{uid}:4242:Alice:/home/alice:/bin/sh\n"
            )
            .as_bytes(),
        );
        tree.file(
            "etc/group",
            0o644,
            b"root:x:0:\nalice:x:4242:\nstaff:x:50:bob\n",
        );
        tree.file(
            "etc/shadow",
            0o600,
            b"root:*:19000:0:99999:7:::\nalice:*:19000:0:99999:7:::\n",
        );
        tree.file("bin/sh", 0o755, b"");
        tree.file("etc/ssh/sshd_config", 0o644, config.as_bytes());
        tree.file("home/alice/.ssh/authorized_keys", 0o600, keys);
        for path in [
            "home/alice",
            "home/alice/.ssh",
            "home/alice/.ssh/authorized_keys",
        ] {
            tree.mode(path, if path.ends_with("keys") { 0o600 } else { 0o755 });
            chown(tree.dir.join(path), Some(uid), (me == 0).then_some(4242)).unwrap();
        }
        tree.file(
            "alice.pub",
            0o644,
            format!("{KEY} alice@laptop\n").as_bytes(),
        );
        tree
    }

    fn file(&self, path: &str, mode: u32, content: &[u8]) {
        let at = self.dir.join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(&at, content).unwrap();
        self.mode(path, mode);
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.dir.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn key(&self) -> String {
        self.dir.join("alice.pub").to_str().unwrap().to_owned()
    }

    fn audit(&self, args: &[&str]) -> Output {
        let mut all = vec![
            "audit",
            "--build",
            "debian-12",
            "--root",
            self.dir.to_str().unwrap(),
        ];
        all.extend(args);
        run(&all, b"")
    }

    fn json(&self, args: &[&str]) -> (i32, Value) {
        let mut all = args.to_vec();
        all.extend(["--format", "json"]);
        let out = self.audit(&all);
        let value = serde_json::from_slice(&out.stdout)
            .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
        (out.status.code().unwrap(), value)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sshwhy"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = program()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn text(out: &Output) -> String {
    String::from_utf8(out.stdout.clone()).unwrap()
}

fn errors(out: &Output) -> String {
    String::from_utf8(out.stderr.clone()).unwrap()
}

fn good() -> Tree {
    Tree::new("", format!("{KEY} alice@laptop\n").as_bytes())
}

#[test]
fn a_listed_key_is_accepted_with_0() {
    let tree = good();
    let out = tree.audit(&[
        "--user",
        "alice",
        "--key",
        &tree.key(),
        "--from",
        "203.0.113.5",
    ]);
    assert_eq!(out.status.code(), Some(0), "{}{}", text(&out), errors(&out));
    assert!(text(&out).contains("would accept"), "{}", text(&out));
    assert!(
        text(&out).contains("/home/alice/.ssh/authorized_keys:1"),
        "{}",
        text(&out)
    );
    let (code, json) = tree.json(&["--user", "alice", "--key", &tree.key()]);
    assert_eq!(
        (code, json["results"][0]["verdict"].as_str()),
        (0, Some("accept"))
    );
    assert_eq!(
        json["results"][0]["subject"]["key"]["comment"],
        "alice@laptop"
    );
    assert!(json["results"][0]["subject"]["from"].is_null());
}

#[test]
fn a_refused_key_names_its_cause_with_1() {
    let tree = good();
    tree.mode("home/alice", 0o777);
    let (code, json) = tree.json(&["--user", "alice", "--key", &tree.key()]);
    let cause = &json["results"][0]["causes"][0];
    assert_eq!((code, cause["id"].as_str()), (1, Some("home-writable")));
    assert_eq!(cause["evidence"][0]["mode"], "0777");
    let out = tree.audit(&["--user", "alice", "--key", &tree.key()]);
    assert!(text(&out).contains("drwxrwxrwx"), "{}", text(&out));
    assert!(text(&out).contains("chmod"), "{}", text(&out));
}

#[test]
fn a_command_that_is_not_run_leaves_it_open_with_3() {
    let config = "AuthorizedKeysCommand /usr/bin/keys\nAuthorizedKeysCommandUser root\n";
    let tree = Tree::new(config, OTHER.as_bytes());
    tree.file("usr/bin/keys", 0o755, b"");
    for dir in ["usr", "usr/bin"] {
        tree.mode(dir, 0o755);
    }
    if tree.uid != 4242 {
        return; // The command's own safety check wants root's files.
    }
    let out = tree.audit(&["--user", "alice", "--key", &tree.key()]);
    assert_eq!(out.status.code(), Some(3), "{}", text(&out));
    assert!(text(&out).contains("= missing: "), "{}", text(&out));
    assert!(text(&out).contains("= get it: "), "{}", text(&out));
}

#[test]
fn what_keeps_the_program_from_working_is_2_on_standard_error() {
    let tree = good();
    let pipe = tree.dir.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let missing = tree.dir.join("nothing.pub");
    let cases: [(&[&str], &str); 8] = [
        (
            &["--key", missing.to_str().unwrap()],
            "No such file or directory",
        ),
        (&["--key", pipe.to_str().unwrap()], "found a named pipe"),
        (&["--key", "/dev/zero"], "found a character device"),
        (&["--key", "/"], "found a directory"),
        (&["--key", "not a key AAAA"], "no key can be read"),
        (
            &["--sshd-config", "/etc/ssh/other"],
            "No such file or directory",
        ),
        (&["--from", "somewhere"], "expected an IP address"),
        (&["--nonsense"], "unexpected argument"),
    ];
    for (args, words) in cases {
        let out = tree.audit(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert!(errors(&out).contains(words), "{args:?}: {}", errors(&out));
        assert!(out.stdout.is_empty(), "{args:?}");
    }
    let out = tree.audit(&["--build", "debian-12"]);
    assert_eq!(out.status.code(), Some(2), "an option given twice");
    let out = run(&["audit", "--build", "windows-95"], b"");
    assert!(
        errors(&out).contains("no build profile is called windows-95"),
        "{}",
        errors(&out)
    );
}

#[test]
fn a_key_may_be_a_line_a_fingerprint_or_standard_input() {
    let tree = good();
    let (_, json) = tree.json(&["--user", "alice", "--key", KEY]);
    let fingerprint = json["results"][0]["subject"]["key"]["fingerprint"]
        .as_str()
        .unwrap();
    let (code, json) = tree.json(&["--user", "alice", "--key", fingerprint]);
    assert_eq!(code, 0, "{json}");
    assert_eq!(
        json["results"][0]["subject"]["key"]["source"],
        "/home/alice/.ssh/authorized_keys:1"
    );
    let (code, json) = tree.json(&["--user", "alice", "--key", "SHA256:bm90IHRoZXJl"]);
    assert_eq!(
        (code, json["results"][0]["verdict"].as_str()),
        (3, Some("undetermined"))
    );
    let args = [
        "audit",
        "--build",
        "debian-12",
        "--user",
        "alice",
        "--key",
        "-",
        "--root",
    ]
    .map(String::from);
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    args.push(tree.dir.to_str().unwrap());
    assert_eq!(run(&args, KEY.as_bytes()).status.code(), Some(0));
    let endless = vec![b'x'; 3 << 20];
    let out = run(&args, &endless);
    assert_eq!(out.status.code(), Some(2));
    assert!(
        errors(&out).contains("expected at most"),
        "{}",
        errors(&out)
    );
}

#[test]
fn without_a_key_each_key_of_the_files_is_judged_and_alike_ones_are_folded() {
    let tree = Tree::new("", format!("{KEY} one\n{OTHER} two\n").as_bytes());
    let (code, json) = tree.json(&["--user", "alice"]);
    assert_eq!(code, 0, "{json}");
    assert_eq!(json["results"].as_array().unwrap().len(), 1);
    assert_eq!(json["results"][0]["count"], 2);
    let (_, json) = tree.json(&["--user", "alice", "--all"]);
    assert_eq!(json["results"].as_array().unwrap().len(), 2);
    let tree = Tree::new("", b"# nothing\n");
    let (code, json) = tree.json(&["--user", "alice"]);
    assert_eq!(code, 1, "{json}");
    assert!(json["results"][0]["subject"]["key"].is_null());
    let users: Vec<String> = tree.json(&[]).1["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["subject"]["user"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        users.contains(&"alice".to_owned()) && users.contains(&"root".to_owned()),
        "{users:?}"
    );
}

#[test]
fn addresses_that_differ_give_one_result_each() {
    let tree = Tree::new("", format!("from=\"10.9.8.7\" {KEY}\n").as_bytes());
    let (code, json) = tree.json(&["--user", "alice", "--key", KEY]);
    let results = json["results"].as_array().unwrap();
    assert_eq!((code, results.len()), (1, 2), "{json}");
    let verdict_from = |from: &str| {
        results
            .iter()
            .find(|r| r["subject"]["from"] == from)
            .map(|r| r["verdict"].clone())
    };
    assert_eq!(verdict_from("10.9.8.7"), Some("accept".into()));
    let (code, _) = tree.json(&["--user", "alice", "--key", KEY, "--from", "10.9.8.7,client"]);
    assert_eq!(code, 0);
}

#[test]
fn hostile_names_reach_no_terminal() {
    let evil = "\x1b]0;owned\x07\u{202e}\u{9b}2J";
    let tree = Tree::new("", format!("{evil} {KEY} {evil}\n").as_bytes());
    let escapes = |s: &str| {
        s.chars()
            .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}')
    };
    for args in [
        vec!["--user", "alice", "--key", KEY],
        vec!["--user", evil, "--key", KEY],
        vec!["--user", "alice", "--key", KEY, "--format", "json"],
        vec!["--user", "alice", "--key", evil],
        vec!["--user", "alice", "--sshd-config", evil],
    ] {
        let out = tree.audit(&args);
        assert!(out.status.code().is_some_and(|c| c > 0), "{args:?}");
        assert!(!escapes(&text(&out)), "{args:?}: {:?}", text(&out));
        assert!(!escapes(&errors(&out)), "{args:?}: {:?}", errors(&out));
    }
    let mut bytes = program();
    bytes
        .args(["audit", "--build", "debian-12", "--root"])
        .arg(&tree.dir)
        .arg("--user");
    let out = bytes
        .arg(std::ffi::OsStr::from_bytes(b"al\xff\n"))
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(1));
    assert!(text(&out).contains("al\\xff\\n"), "{}", text(&out));
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let tree = good();
    let root = tree.dir.to_str().unwrap();
    let args = [
        "audit",
        "--build",
        "debian-12",
        "--root",
        root,
        "--user",
        "alice",
    ];
    let colour = |more: &[&str], no_color: bool| {
        let mut command = program();
        if no_color {
            command.env("NO_COLOR", "1");
        }
        command
            .args(args)
            .args(more)
            .output()
            .unwrap()
            .stdout
            .contains(&0x1b)
    };
    assert!(!colour(&[], false));
    assert!(!colour(&["--color", "never"], false));
    assert!(colour(&["--color", "always"], false));
    assert!(colour(&["--color", "always"], true));
    assert!(!colour(&["--color", "always", "--format", "json"], false));
}

#[test]
fn a_broken_pipe_is_success() {
    let tree = good();
    tree.mode("home/alice", 0o777);
    for format in ["text", "json"] {
        let mut child = program()
            .args([
                "audit",
                "--build",
                "debian-12",
                "--user",
                "alice",
                "--format",
                format,
                "--root",
            ])
            .arg(&tree.dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut errors = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), errors.as_str()),
            (Some(0), "")
        );
    }
}

#[test]
fn redacted_output_names_nobody() {
    let tree = good();
    tree.mode("home/alice", 0o777);
    for format in ["text", "json"] {
        let args = [
            "--user",
            "alice",
            "--key",
            &tree.key(),
            "--from",
            "203.0.113.5",
            "--redact",
        ];
        let out = tree.audit(&[&args[..], &["--format", format]].concat());
        assert_eq!(out.status.code(), Some(1));
        for name in ["alice", "203.0.113.5", "laptop", "SHA256:"] {
            assert!(!text(&out).contains(name), "{name}: {}", text(&out));
        }
        assert!(text(&out).contains("/home/user-1"), "{}", text(&out));
    }
}

#[test]
fn progress_goes_to_standard_error_with_v_alone() {
    let tree = good();
    assert_eq!(errors(&tree.audit(&["--user", "alice"])), "");
    assert!(errors(&tree.audit(&["--user", "alice", "-v"])).contains("judging alice"));
}

#[test]
fn a_link_out_of_the_root_is_not_followed() {
    let tree = good();
    let keys = tree.dir.join("home/alice/.ssh/authorized_keys");
    fs::remove_file(&keys).unwrap();
    symlink(Path::new("/etc/passwd"), &keys).unwrap();
    let out = tree.audit(&["--user", "alice", "--key", &tree.key()]);
    assert_eq!(out.status.code(), Some(1));
    assert!(!text(&out).contains("daemon:"), "{}", text(&out));
}

#[test]
fn explain_prints_pages_and_recognises_lines() {
    let out = run(&["explain", "home-writable"], b"");
    assert_eq!(out.status.code(), Some(0));
    assert!(
        text(&out).starts_with("# home-writable\n"),
        "{}",
        text(&out)
    );
    let out = run(&["explain", "home-writeable"], b"");
    assert_eq!(out.status.code(), Some(2));
    assert!(errors(&out).contains("home-writable"), "{}", errors(&out));

    let line = "Nov 22 10:00:00 h sshd[7]: Authentication refused: bad ownership or modes for \
                directory /home/alice";
    for (args, input) in [(["explain", "-"], line), (["explain", line], "")] {
        let out = run(
            &[&args[..], &["--format", "json"]].concat(),
            input.as_bytes(),
        );
        let json: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(0));
        let result = &json["results"][0];
        assert_eq!(result["causes"][0]["id"], "home-writable", "{json}");
        assert_ne!(
            result["causes"][0]["certainty"], "certain",
            "wrong-owner has the same words"
        );
        assert_eq!(result["verdict"], "undetermined");
    }
    let line = "sshd[9]: User bob from 192.0.2.7 not allowed because listed in DenyUsers";
    let out = run(&["explain", "-", "--format", "json"], line.as_bytes());
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(json["results"][0]["verdict"], "refuse", "{json}");
    assert_eq!(json["results"][0]["causes"][0]["id"], "user-denied");
    assert_eq!(json["results"][0]["subject"]["user"], "bob");
    let out = run(&["explain", "-"], b"nothing of interest\n");
    assert_eq!(out.status.code(), Some(1));
}

#[test]
fn help_is_success_and_goes_to_standard_output() {
    for args in [
        &["--help"][..],
        &["audit", "--help"],
        &["explain", "-h"],
        &["--version"],
    ] {
        let out = run(args, b"");
        assert_eq!(out.status.code(), Some(0), "{args:?}");
        assert!(!out.stdout.is_empty() && out.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_certificate_is_offered_before_its_plain_key() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/lab");
    let file = |name: &str| vectors.join(name).to_str().unwrap().to_owned();
    let plain = fs::read(vectors.join("ed25519.pub")).unwrap();
    let bob = file("bob-cert.pub");
    let config = "TrustedUserCAKeys /etc/ssh/ca.pub\n";
    let ca = fs::read(vectors.join("ca-ed25519.pub")).unwrap();

    let tree = Tree::new(config, &plain);
    tree.file("etc/ssh/ca.pub", 0o644, &ca);
    let (code, json) = tree.json(&["--user", "alice", "--key", &bob]);
    assert_eq!(code, 0, "the plain key lets in: {json}");
    assert_eq!(
        json["results"][0]["notes"][0]["id"],
        "cert-principal-mismatch"
    );
    let (code, json) = tree.json(&["--user", "alice", "--key", &bob, "--exact"]);
    assert_eq!(code, 1, "{json}");

    let tree = Tree::new(config, OTHER.as_bytes());
    tree.file("etc/ssh/ca.pub", 0o644, &ca);
    let (code, json) = tree.json(&["--user", "alice", "--key", &bob]);
    let cause = &json["results"][0]["causes"][0]["id"];
    assert_eq!(
        (code, cause.as_str()),
        (1, Some("cert-principal-mismatch")),
        "{json}"
    );
    let (code, json) = tree.json(&["--user", "alice", "--key", &file("alice-cert.pub")]);
    assert_eq!(code, 0, "{json}");
}

#[test]
fn every_shape_of_a_key_file_is_taken() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/lab");
    let plain = fs::read(vectors.join("ed25519.pub")).unwrap();
    let tree = Tree::new("", &plain);
    for name in [
        "ed25519",
        "ed25519.pub",
        "ed25519.ppk",
        "ed25519.v2.ppk",
        "ed25519.rfc4716",
    ] {
        let path = vectors.join(name);
        let out = tree.audit(&["--user", "alice", "--key", path.to_str().unwrap()]);
        assert_eq!(
            out.status.code(),
            Some(0),
            "{name}: {}{}",
            text(&out),
            errors(&out)
        );
        assert!(!text(&out).contains("PRIVATE"), "{name}");
    }
}

#[test]
fn invalid_user_in_a_log_does_not_prove_that_there_is_no_account() {
    let log = "sshd[9]: User alice from 192.0.2.7 not allowed because not listed in AllowUsers\n\
               sshd[9]: Connection closed by invalid user alice 192.0.2.7 port 50000 [preauth]\n";
    let out = run(&["explain", "-", "--format", "json"], log.as_bytes());
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    let causes = json["results"][0]["causes"].as_array().unwrap();
    assert!(!causes.is_empty(), "{json}");
    assert!(causes.iter().all(|c| c["id"] != "user-unknown"), "{json}");
    assert_eq!(causes[0]["id"], "user-not-allowed", "{json}");

    // The last line alone tells of no cause.
    let tail = log.lines().last().unwrap();
    let out = run(&["explain", "-", "--format", "json"], tail.as_bytes());
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    for cause in json["results"][0]["causes"].as_array().unwrap() {
        assert_ne!(cause["certainty"], "certain", "{json}");
    }
}

#[test]
fn a_restart_in_a_log_is_no_refusal() {
    let log = "sshd[1]: Received signal 15; terminating.\n\
               sshd[2]: Server listening on 0.0.0.0 port 22.\n\
               sshd[9]: User bob from 192.0.2.7 not allowed because listed in DenyUsers\n";
    let out = run(&["explain", "-", "--format", "json"], log.as_bytes());
    let json: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(
        json["results"][0]["causes"][0]["id"], "user-denied",
        "{json}"
    );
}

#[test]
fn what_cannot_work_is_one_json_document_too() {
    let bare = "mZ2dYl0pVdW0mC8hQeJr7kq1yq0Jb3cWw0b8l5mVd2A";
    for (args, why) in [
        (vec!["audit", "--key", "/nowhere/key"], "No such file"),
        (vec!["audit", "--key", bare], "looks like a fingerprint"),
        (vec!["audit", "--bogus"], ""),
        (vec!["explain", "no-such-cause"], ""),
    ] {
        let out = Command::new(env!("CARGO_BIN_EXE_sshwhy"))
            .args(&args)
            .args(["--format", "json"])
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        let doc: Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(doc["schema"], "sshwhy/1");
        assert_eq!(doc["command"], args[0]);
        let error = &doc["error"];
        assert!(!error["what"].as_str().unwrap().is_empty(), "{doc}");
        assert!(!error["help"].as_str().unwrap().is_empty(), "{doc}");
        assert!(
            error["why"].as_str().unwrap_or_default().contains(why),
            "{doc}"
        );
        assert!(!out.stderr.is_empty());
    }
}
