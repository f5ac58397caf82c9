//! `fix` and `what-if` on small trees: the plan, the guard, the exit codes, the changes themselves.
//!
//! Needs root, for owners; skipped loudly without.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

const ALICE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJa+Lb9z8kDqXIqP2eFvRzgz53sQsBgJrlfS8IDVB0Fp alice";
const BOB: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN9cqxZTgQ3Yw5WqyqT1bYvC3u2rZkqk6pA6eC1oZP3E bob";
const CONFIG: &str = "UsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n";

struct Tree(PathBuf);

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Tree {
    /// alice and bob, each with a key file. `None`: not root here.
    fn new(config: &str, alice: &str) -> Option<Tree> {
        if fs::metadata("/proc/self").unwrap().uid() != 0 {
            eprintln!("SKIPPED: only root gives files away; run this as root");
            return None;
        }
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("sshwhy-fix-{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let tree = Tree(dir);
        let accounts = "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/bin/false\n\
                        alice:x:4001:4001::/home/alice:/bin/sh\n\
                        bob:x:4002:4002::/home/bob:/bin/sh\n";
        tree.file("root/etc/passwd", accounts);
        tree.file("root/etc/group", "root:x:0:\nalice:x:4001:\nbob:x:4002:\n");
        let shadow = "root:*:20000:0:99999:7:::\nalice:*:20000:0:99999:7:::\n\
                      bob:*:20000:0:99999:7:::\n";
        tree.file("root/etc/shadow", shadow);
        tree.file("root/bin/sh", "");
        tree.mode("root/bin/sh", 0o755);
        tree.file("root/etc/ssh/sshd_config", config);
        tree.file(
            "root/etc/ssh/ssh_host_ed25519_key",
            "-----BEGIN OPENSSH PRIVATE KEY-----\n",
        );
        tree.mode("root/etc/ssh/ssh_host_ed25519_key", 0o600);
        fs::create_dir_all(tree.0.join("root/run/sshd")).unwrap();
        for (user, uid, keys) in [("alice", 4001, alice), ("bob", 4002, BOB)] {
            let home = format!("root/home/{user}");
            tree.file(
                &format!("{home}/.ssh/authorized_keys"),
                &format!("{keys}\n"),
            );
            for (path, mode) in [
                (home.clone(), 0o755),
                (format!("{home}/.ssh"), 0o700),
                (format!("{home}/.ssh/authorized_keys"), 0o600),
            ] {
                tree.mode(&path, mode);
                chown(tree.0.join(path), Some(uid), Some(uid)).unwrap();
            }
        }
        tree.file("alice.pub", &format!("{ALICE}\n"));
        Some(tree)
    }

    fn file(&self, path: &str, content: &str) {
        let at = self.0.join(path);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        fs::write(at, content).unwrap();
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.0.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, command: &str, more: &[&str]) -> Output {
        let root = self.path("root");
        Command::new(env!("CARGO_BIN_EXE_sshwhy"))
            .args([command, "--root", &root, "--build", "debian-12"])
            .args(more)
            .env_remove("SSH_CONNECTION")
            .output()
            .unwrap()
    }

    fn fix(&self, more: &[&str]) -> Output {
        let key = self.path("alice.pub");
        let mut args = vec!["--user", "alice", "--key", key.as_str()];
        args.extend(more);
        self.run("fix", &args)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr)
}

fn json(out: &Output) -> Value {
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(out)))
}

const KEYS: &str = "root/home/alice/.ssh/authorized_keys";

#[test]
fn a_dry_run_and_json_change_nothing_and_yes_makes_the_changes_once() {
    let Some(t) = Tree::new(CONFIG, "") else {
        return;
    };
    t.mode("root/home/alice", 0o777);
    let dry = t.fix(&["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", text(&dry));
    assert!(
        text(&dry).contains("change 1 of 2[home-writable]"),
        "{}",
        text(&dry)
    );
    let doc = json(&t.fix(&["--format", "json", "--yes"]));
    assert_eq!(doc["command"], "fix");
    assert_eq!(doc["plan"]["changes"][0]["safety"], "tightens");
    assert_eq!(doc["guard"]["allows"], true);
    assert_eq!(t.read(KEYS), "\n", "nothing was written");
    let done = t.fix(&["--yes"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done));
    assert_eq!(t.read(KEYS), format!("\n{ALICE}\n"));
    let mode = fs::metadata(t.0.join("root/home/alice")).unwrap().mode();
    assert_eq!(mode & 0o777, 0o755);
    let again = t.fix(&["--yes"]);
    assert!(
        text(&again).starts_with("nothing to do"),
        "{}",
        text(&again)
    );
    assert_eq!(again.status.code(), Some(0));
}

#[test]
fn without_a_terminal_and_without_yes_nobody_is_taken_to_agree() {
    let Some(t) = Tree::new(CONFIG, "") else {
        return;
    };
    let out = t.fix(&[]);
    assert_eq!(out.status.code(), Some(2), "{}", text(&out));
    assert_eq!(t.read(KEYS), "\n");
}

#[test]
fn somebodys_decision_stays_and_is_named_until_leave_is_given() {
    let config = format!("{CONFIG}DenyUsers alice\n");
    let Some(t) = Tree::new(&config, ALICE) else {
        return;
    };
    let out = t.fix(&["--yes"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out));
    assert!(
        text(&out).contains("somebody decided[user-denied]"),
        "{}",
        text(&out)
    );
    assert_eq!(t.read("root/etc/ssh/sshd_config"), config);
    let out = t.fix(&["--yes", "--allow-weakening"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    assert_eq!(t.read("root/etc/ssh/sshd_config"), CONFIG);
}

#[test]
fn a_key_that_would_let_in_others_too_is_refused_with_the_login_named() {
    let config = format!("{CONFIG}AuthorizedKeysFile /etc/ssh/keys\n");
    let Some(t) = Tree::new(&config, "") else {
        return;
    };
    t.file("root/etc/ssh/keys", "");
    let out = t.fix(&["--yes"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out));
    assert!(
        text(&out).contains("would gain: bob with SHA256:"),
        "{}",
        text(&out)
    );
    assert_eq!(t.read("root/etc/ssh/keys"), "");
}

/// Every word of the old text, in its order, is in the new one; but a damaged key type.
fn words_stay(old: &str, new: &str) -> bool {
    let mut rest = new.split_ascii_whitespace();
    let old = old.split_ascii_whitespace();
    old.filter(|w| *w != "sh-ed25519")
        .all(|word| rest.any(|w| w == word))
}

#[test]
fn no_option_and_no_comment_is_lost_and_the_script_does_the_same() {
    let Some((kind, blob)) = ALICE.split_once(' ') else {
        return;
    };
    let blob = blob.trim_end_matches(" alice");
    let options = "command=\"echo hi # x\",no-pty";
    let no = "PubkeyAuthentication no # why\n";
    let include = "Include /etc/ssh/sshd_config.d/*.conf\n";
    let cases: Vec<(String, String, bool)> = vec![
        // Key files.
        (
            String::new(),
            format!("# c\n{options} sh-ed25519 {blob} alice # t\n{BOB}"),
            true,
        ),
        (
            String::new(),
            format!("{options} {blob} alice # t\r\n# end"),
            true,
        ),
        (
            String::new(),
            format!("{options} {BOB}{options} {ALICE}\n# end"),
            false,
        ),
        (String::new(), format!("{BOB} restrict {ALICE}\n"), false),
        (String::new(), format!("> {options} {ALICE}\n"), false),
        (
            String::new(),
            format!("command=\"a\nb\",no-pty {kind} {blob} # t\n"),
            false,
        ),
        // The configuration.
        (format!("# c\n{no}# tail"), ALICE.into(), true),
        (
            format!("{no}{no}pubkeyauthentication=yes\n"),
            ALICE.into(),
            true,
        ),
        (
            "# c\r\nPubkeyAuthentication no # why\r\n# tail\r\n".into(),
            ALICE.into(),
            true,
        ),
        (
            format!("Match User alice,bob # m\n\t{no}Match all\n"),
            ALICE.into(),
            true,
        ),
        (format!("{include}{no}"), ALICE.into(), true),
        (
            "AllowUsers bob\nMatch Address 10.0.0.0/8\n AllowUsers bob c\n".into(),
            ALICE.into(),
            true,
        ),
    ];
    for (more, keys, done) in cases {
        let config = format!("{more}{}{CONFIG}", if more.is_empty() { "" } else { "\n" });
        // A Match block ends where the next one begins: what is global stands before it.
        let config = match more.contains("Match") {
            true => format!("{CONFIG}{more}"),
            false => config,
        };
        let (Some(t), Some(script)) = (Tree::new(&config, &keys), Tree::new(&config, &keys)) else {
            return;
        };
        for t in [&t, &script] {
            fs::create_dir_all(t.0.join("root/etc/ssh/sshd_config.d")).unwrap();
        }
        let files = [KEYS, "root/etc/ssh/sshd_config"];
        let before = files.map(|f| t.read(f));
        let out = t.fix(&["--yes", "--allow-weakening"]);
        assert_eq!(
            out.status.code(),
            Some(i32::from(!done)),
            "{more}{keys}\n{}",
            text(&out)
        );
        let after = files.map(|f| t.read(f));
        if !done {
            assert_eq!(before, after, "{more}{keys}");
            continue;
        }
        for (old, new) in before.iter().zip(&after) {
            assert!(words_stay(old, new), "{old}\n---\n{new}");
        }
        let printed = script.fix(&["--print", "script", "--allow-weakening"]);
        assert!(printed.status.success(), "{}", text(&printed));
        script.file("script", &text(&printed));
        let ran = Command::new("sh")
            .arg(script.0.join("script"))
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", text(&ran));
        assert_eq!(files.map(|f| script.read(f)), after, "{more}{keys}");
        let drop_in = "root/etc/ssh/sshd_config.d/00-sshwhy-alice.conf";
        let made = |t: &Tree| fs::read_to_string(t.0.join(drop_in)).ok();
        assert_eq!(made(&script), made(&t));
    }
}

#[test]
fn a_missing_home_is_never_made() {
    let Some(t) = Tree::new(CONFIG, "") else {
        return;
    };
    fs::remove_dir_all(t.0.join("root/home/alice")).unwrap();
    let out = t.fix(&["--yes"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out));
    assert!(!Path::new(&t.path("root/home/alice")).exists());
}

#[test]
fn what_if_names_who_loses_and_the_line_and_assertions_decide_the_status() {
    let Some(t) = Tree::new(CONFIG, ALICE) else {
        return;
    };
    t.file("new", &format!("{CONFIG}DenyUsers bob\n"));
    t.file("good", "alice from 10.0.0.0/8: accept\nbob: refuse\n");
    t.file(
        "bad",
        "# both\nalice: accept\nbob from 10.0.0.0/8: accept\n",
    );
    let (new, good, bad) = (t.path("new"), t.path("good"), t.path("bad"));
    let out = t.run("what-if", &["--sshd-config", &new, "--expect", &good]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out));
    let out = t.run(
        "what-if",
        &["--sshd-config", &new, "--expect", &bad, "--format", "json"],
    );
    assert_eq!(out.status.code(), Some(1), "{}", text(&out));
    let doc = json(&out);
    assert_eq!(doc["differences"]["lost"][0]["user"], "bob");
    assert_eq!(
        doc["differences"]["lost"][0]["decided_by"],
        format!("{new}:4").as_str()
    );
    assert_eq!(doc["differences"]["gained"].as_array().unwrap().len(), 0);
    assert_eq!(doc["expectations"]["failed"][0]["line"], 3);
    let key = t.path("alice.pub");
    let out = t.run("what-if", &["--revoke", &key, "--format", "json"]);
    assert_eq!(json(&out)["differences"]["lost"][0]["user"], "alice");
}
