//! `fix` and `undo` on a whole machine of this test's own (name spaces for mounts, network and
//! processes), with its own sshd: once round, with a login that proves, and with links that lead
//! elsewhere.
//!
//! Needs root; skipped loudly without, and on CI not at all.
#![allow(missing_docs)]

mod machine;

use machine::{BUILT, sh, text};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, lchown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

const ALICE: u32 = 4001;
const BOB: u32 = 4002;
const HOME: &str = "/home/alice";
const KEYS: &str = "/home/alice/.ssh/authorized_keys";
const CONFIG: &str = "# head\nPort 2222\nUsePAM no\nPasswordAuthentication no\n\
                      KbdInteractiveAuthentication no\nPermitRootLogin yes\n";
/// The login that proves comes from 127.0.0.1; the one that is asked for does not.
const NOT_FROM_HERE: &str = "Match Address 127.0.0.1 User alice\n\tPubkeyAuthentication no\n";

/// Runs `case` on a machine of this test's own.
fn machine(name: &str, case: fn()) {
    machine::own(name, furnish, case);
}

/// The parts of the machine that are written to.
fn furnish() {
    sh(&format!(
        "mount -t tmpfs none /mnt && cp '{BUILT}' {PROGRAM} && cp -a /etc /mnt/etc && mount --bind /mnt/etc /etc \
        && for d in /home /run /root /var/lib; do mount -t tmpfs -o mode=0755 none $d; done \
        && mkdir -m 0755 /run/sshd && ip link set lo up \
        && rm -rf /etc/ssh/sshd_config.d /etc/init.d/ssh /etc/sshwhy* \
        && rm -f /etc/ssh/ssh_host_* && ssh-keygen -q -t ed25519 -N '' -f \
        /etc/ssh/ssh_host_ed25519_key"
    ));
    let add = |file: &str, line: &str| {
        let mut f = fs::OpenOptions::new().append(true).open(file).unwrap();
        f.write_all(line.as_bytes()).unwrap();
    };
    for (user, uid) in [("alice", ALICE), ("bob", BOB)] {
        add(
            "/etc/passwd",
            &format!("{user}:x:{uid}:{uid}::/home/{user}:/bin/sh\n"),
        );
        add("/etc/group", &format!("{user}:x:{uid}:\n"));
        add("/etc/shadow", &format!("{user}:*:20000:0:99999:7:::\n"));
        let ssh = format!("/home/{user}/.ssh");
        fs::create_dir_all(&ssh).unwrap();
        let keys = format!("{ssh}/authorized_keys");
        fs::write(&keys, "# keys\n").unwrap();
        for (path, mode) in [
            (format!("/home/{user}"), 0o755),
            (ssh, 0o700),
            (keys, 0o600),
        ] {
            mode_of(&path, mode);
            chown(path, Some(uid), Some(uid)).unwrap();
        }
    }
    for key in ["alice", "root"] {
        sh(&format!(
            "ssh-keygen -q -t ed25519 -N '' -C {key} -f /mnt/{key}"
        ));
    }
    sh("mkdir -m 0700 /root/.ssh && cp /mnt/root.pub /root/.ssh/authorized_keys");
    config("");
}

fn config(more: &str) {
    fs::write("/etc/ssh/sshd_config", format!("{CONFIG}{more}")).unwrap();
}

fn mode_of(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// sshd, for as long as the test runs: the processes' name space ends with it.
#[allow(clippy::zombie_processes, reason = "its name space ends with the test")]
fn sshd() {
    Command::new("/usr/sbin/sshd")
        .args(["-D", "-E", "/mnt/log"])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    within(10, "sshd listens", || {
        std::net::TcpStream::connect("127.0.0.1:2222").is_ok()
    });
}

fn within(seconds: u64, what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        let log = fs::read_to_string("/mnt/log").unwrap_or_default();
        let late = begun.elapsed() > Duration::from_secs(seconds);
        assert!(!late, "not in time: {what}\n{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn ssh(user: &str) -> Command {
    let mut command = Command::new("ssh");
    command.args([
        "-F",
        "none",
        "-p",
        "2222",
        "-o",
        "BatchMode=yes",
        "-o",
        "LogLevel=ERROR",
    ]);
    command.args([
        "-o",
        "StrictHostKeyChecking=no",
        "-o",
        "UserKnownHostsFile=/dev/null",
    ]);
    command.args(["-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes", "-i"]);
    command
        .arg(format!("/mnt/{user}"))
        .arg(format!("{user}@127.0.0.1"));
    command.stdin(Stdio::null());
    command
}

fn lets_in(user: &str) -> bool {
    ssh(user).arg("true").output().unwrap().status.success()
}

/// Where a login is refused, and not where nothing listens (as while sshd reads its configuration).
fn refuses(user: &str) -> bool {
    let out = ssh(user).arg("true").output().unwrap();
    !out.status.success() && text(&out).contains("Permission denied")
}

/// As it was built; `/root`, where that may be, is a new one inside.
const PROGRAM: &str = "/mnt/sshwhy";

fn sshwhy(words: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(words)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn fix(more: &[&str]) -> Output {
    let mut words = vec!["fix", "--user", "alice", "--key", "/mnt/alice.pub"];
    words.extend(more);
    sshwhy(&words)
}

fn json(out: &Output) -> Value {
    serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(out)))
}

#[track_caller]
fn ended(out: &Output, code: i32, with: &str) {
    let said = text(out);
    assert_eq!(out.status.code(), Some(code), "{said}");
    assert!(said.contains(with), "no `{with}` in: {said}");
}

type Tree = BTreeMap<PathBuf, String>;

/// Everything below the directories that are written to: mode, owner, time and bytes.
fn whole() -> Tree {
    fn look(at: &Path, out: &mut Tree) {
        let m = fs::symlink_metadata(at).unwrap();
        let body = if m.is_file() {
            fs::read(at).unwrap()
        } else if m.is_symlink() {
            fs::read_link(at)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes()
        } else {
            Vec::new()
        };
        let line = format!(
            "{:o} {}:{} {}.{} {}",
            m.mode(),
            m.uid(),
            m.gid(),
            m.mtime(),
            m.mtime_nsec(),
            body.escape_ascii()
        );
        out.insert(at.to_path_buf(), line);
        if m.is_dir() {
            for entry in fs::read_dir(at).unwrap() {
                look(&entry.unwrap().path(), out);
            }
        }
    }
    let mut out = Tree::new();
    for dir in ["/etc", "/home", "/root"] {
        look(Path::new(dir), &mut out);
    }
    out
}

#[track_caller]
fn same(before: &Tree, what: &str) {
    let now = whole();
    for (path, line) in before {
        assert_eq!(now.get(path), Some(line), "{what}: {}", path.display());
    }
    assert_eq!(before.len(), now.len(), "{what}");
}

#[test]
fn once_round() {
    machine("once_round", || {
        mode_of(HOME, 0o777);
        sshd();
        assert!(refuses("alice"));
        let before = whole();
        let plan = json(&fix(&["--dry-run", "--format", "json"]));
        assert_eq!(plan["plan"]["accepts"], true);
        same(&before, "a plan");
        ended(
            &sshwhy(&["undo", "--yes"]),
            1,
            "there is nothing to take back",
        );
        ended(&fix(&["--yes"]), 0, "sshd would accept the login now");
        assert!(lets_in("alice"), "the real sshd agrees");
        assert!(
            fs::read_to_string(KEYS)
                .unwrap()
                .starts_with("# keys\nssh-ed25519 ")
        );
        ended(&fix(&["--yes"]), 0, "nothing to do");
        let again = json(&fix(&["--format", "json"]));
        assert_eq!(again["plan"]["changes"].as_array().unwrap().len(), 0);
        let list = json(&sshwhy(&["undo", "--list", "--format", "json"]));
        assert_eq!(list["runs"][0]["phase"], "applied");
        let dry = json(&sshwhy(&["undo", "--dry-run", "--format", "json"]));
        assert_eq!(dry["undo"]["done"], false);
        // Somebody else's work is not lost.
        let kept = fs::read(KEYS).unwrap();
        fs::write(KEYS, b"# somebody's\n").unwrap();
        ended(&sshwhy(&["undo", "--yes"]), 1, "nothing was touched");
        fs::write(KEYS, kept).unwrap();
        let back = json(&sshwhy(&["undo", "--yes", "--format", "json"]));
        assert_eq!(back["undo"]["done"], true);
        assert_eq!(fs::read_to_string(KEYS).unwrap(), "# keys\n");
        let mode = fs::metadata(HOME).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o777);
        assert!(refuses("alice"));
        ended(
            &sshwhy(&["undo", "--yes"]),
            1,
            "there is nothing to take back",
        );
        ended(&sshwhy(&["fix", "--user"]), 2, "");
        // The configuration: read anew by the daemon, and its bytes back as they were.
        ended(&fix(&["--yes"]), 0, "sshd would accept the login now");
        config("PubkeyAuthentication no\n# tail\n");
        sh("kill -HUP $(cat /run/sshd.pid)");
        within(10, "sshd refuses", || refuses("alice"));
        let before = whole();
        ended(&fix(&["--yes"]), 1, "somebody decided");
        same(&before, "a decision");
        let left = fix(&["--yes", "--allow-weakening", "--no-reload"]);
        ended(&left, 0, "once it has read its configuration");
        ended(&sshwhy(&["undo", "--yes", "--no-reload"]), 0, "left to you");
        same(&before, "undo without a reload");
        ended(&fix(&["--yes", "--allow-weakening"]), 0, "done");
        within(10, "sshd lets in", || lets_in("alice"));
        ended(&sshwhy(&["undo", "--yes"]), 0, "taken back");
        same(&before, "undo");
        within(10, "sshd refuses again", || refuses("alice"));
    });
}

#[test]
fn a_login_of_its_own_keeps_the_change() {
    machine("a_login_of_its_own_keeps_the_change", || {
        sshd();
        let out = fix(&["--yes", "--confirm", "60"]);
        ended(&out, 0, "with a throw-away key from 127.0.0.1 succeeded");
        ended(&out, 0, "kept: run ");
        ended(&out, 0, "it proves the address class of 127.0.0.1 alone");
        let keys = fs::read_to_string(KEYS).unwrap();
        assert!(!keys.contains("throw-away"), "{keys}");
        assert!(lets_in("alice"));
        // The change is to the configuration: no login before sshd has read it.
        config("PubkeyAuthentication no\n");
        sh("kill -HUP $(cat /run/sshd.pid)");
        within(10, "sshd refuses", || refuses("alice"));
        let words = [
            "fix",
            "--user",
            "alice",
            "--key",
            "/mnt/alice",
            "--yes",
            "--confirm",
            "60",
        ];
        let mut words = words.to_vec();
        words.push("--allow-weakening");
        let out = sshwhy(&words);
        ended(&out, 0, "with its own key from 127.0.0.1 succeeded");
        assert!(lets_in("alice"));
        let list = text(&sshwhy(&["undo", "--list"]));
        assert!(!list.contains("unconfirmed"), "{list}");
    });
}

/// `fix` in the background, of a change that no login from here proves, up to the line that says
/// so; and what it printed after that.
#[allow(clippy::zombie_processes, reason = "who calls it waits")]
fn waits(mut command: Command) -> (Child, BufReader<ChildStdout>, String) {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    loop {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "it ended: {said}");
        said.push_str(&line);
        if let Some((_, id)) = line.split_once("sshwhy undo --keep ") {
            assert!(said.contains("no new login as alice"), "{said}");
            return (child, out, id.trim().to_owned());
        }
    }
}

const UNPROVEN: [&str; 10] = [
    "fix",
    "--user",
    "alice",
    "--key",
    "/mnt/alice",
    "--yes",
    "--from",
    "10.1.2.3",
    "--confirm",
    "5",
];

fn unproven() -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(UNPROVEN);
    command
}

fn added() -> bool {
    fs::read_to_string(KEYS).unwrap().contains("ssh-ed25519")
}

#[test]
fn what_no_login_proves_goes_back() {
    machine("what_no_login_proves_goes_back", || {
        config(NOT_FROM_HERE);
        sshd();
        let before = whole();
        let (mut child, _out, _) = waits(unproven());
        assert!(added());
        assert_eq!(child.wait().unwrap().code(), Some(1), "its time was up");
        same(&before, "refused");

        // Killed, while it waits.
        let (mut child, _out, _) = waits(unproven());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(added(), "not before its time");
        within(20, "it goes back", || !added());
        same(&before, "killed");

        // The connection that it was started from is cut.
        let mut session = ssh("root");
        session
            .arg("-tt")
            .arg(format!("{PROGRAM} {}", UNPROVEN.join(" ")));
        let (mut client, _out, _) = waits(session);
        client.kill().unwrap();
        client.wait().unwrap();
        assert!(added(), "not before its time");
        within(20, "it goes back", || !added());
        same(&before, "cut");

        // A new session keeps it; the one that it was started from, and a console, do not.
        let (mut child, _out, id) = waits(unproven());
        ended(&sshwhy(&["undo", "--keep", &id]), 1, "this is no SSH login");
        let keep = ssh("root")
            .arg(format!("{PROGRAM} undo --keep {id}"))
            .output()
            .unwrap();
        ended(&keep, 0, "kept: run ");
        assert_eq!(child.wait().unwrap().code(), Some(0));
        std::thread::sleep(Duration::from_secs(6));
        assert!(added(), "it stays");
    });
}

#[test]
fn an_accounts_link_leads_root_nowhere() {
    machine("an_accounts_link_leads_root_nowhere", || {
        sshd();
        mode_of("/root/.ssh/authorized_keys", 0o666);
        mode_of("/root", 0o777);
        mode_of("/home/bob/.ssh/authorized_keys", 0o666);
        sh("mkdir -m 0777 /etc/open && touch /etc/open/authorized_keys");
        let ssh = PathBuf::from(format!("{HOME}/.ssh"));
        let link = |from: &Path, to: &str, owner: u32| {
            sh(&format!("rm -rf {}", from.display()));
            symlink(to, from).unwrap();
            lchown(from, Some(owner), Some(owner)).unwrap();
        };
        let refused = |what: &str| {
            let before = whole();
            for more in [&["--yes"][..], &["--yes", "--allow-weakening"]] {
                let out = fix(more);
                ended(&out, 1, "through the link");
                same(&before, what);
            }
            let script = fix(&["--print", "script"]);
            assert_eq!(script.status.code(), Some(1), "{}", text(&script));
            assert!(script.stdout.is_empty(), "{}", text(&script));
        };
        for target in [
            "/root/.ssh",
            "/etc",
            "/etc/open",
            "/home/bob/.ssh",
            "../bob/.ssh",
        ] {
            link(&ssh, target, ALICE);
            refused(target);
        }
        // A link of somebody else's, into a directory of her own.
        sh(&format!(
            "mkdir -m 0700 {HOME}/own && chown {ALICE}:{ALICE} {HOME}/own"
        ));
        link(&ssh, "own", BOB);
        refused("bob's link");
        sh(&format!(
            "rm {HOME}/.ssh && mkdir -m 0700 {HOME}/.ssh && chown {ALICE} {HOME}/.ssh"
        ));
        for target in [
            "/etc/shadow",
            "/home/bob/.ssh/authorized_keys",
            "/root/.ssh/authorized_keys",
        ] {
            link(Path::new(KEYS), target, ALICE);
            refused(target);
        }
        // Her own link into a directory of her own is followed, as sshd does.
        link(&ssh, "own", ALICE);
        ended(&fix(&["--yes"]), 0, "sshd would accept the login now");
        let keys = fs::read_to_string(format!("{HOME}/own/authorized_keys")).unwrap();
        assert!(keys.starts_with("ssh-ed25519 "), "{keys}");
        assert!(lets_in("alice"));
    });
}

/// What a command says where no sshd runs, or a configuration to come is none.
#[test]
fn files_are_mended_before_sshd_is_started() {
    machine("files_are_mended_before_sshd_is_started", || {
        fs::write(KEYS, fs::read("/mnt/alice.pub").unwrap()).unwrap();
        mode_of(HOME, 0o777);
        let before = whole();
        let plan = fix(&["--dry-run"]);
        ended(&plan, 0, "no sshd listens");
        ended(&plan, 0, "mode 0777 becomes 0755");
        ended(&fix(&["--yes", "--confirm", "60"]), 2, "no sshd listens");
        same(&before, "a confirmation that cannot be");
        ended(&fix(&["--yes"]), 0, "once it runs");
        ended(&fix(&["--yes"]), 0, "nothing to change");
        sshd();
        within(10, "sshd lets in", || lets_in("alice"));
        ended(&fix(&["--yes"]), 0, "nothing to do");
    });
}

#[test]
fn a_configuration_that_sshd_refuses_is_named_by_its_own_path() {
    machine(
        "a_configuration_that_sshd_refuses_is_named_by_its_own_path",
        || {
            fs::write(KEYS, fs::read("/mnt/alice.pub").unwrap()).unwrap();
            sshd();
            fs::write("/mnt/new", "Port 2222\nPubkeyAuthentication maybe\n").unwrap();
            let out = sshwhy(&["what-if", "--sshd-config", "/mnt/new"]);
            ended(&out, 1, "--> /mnt/new:2");
            let words = Command::new("/usr/sbin/sshd")
                .args(["-t", "-f", "/mnt/new"])
                .output()
                .unwrap();
            let words = text(&words);
            let reason = words
                .lines()
                .next()
                .unwrap()
                .split("line 2: ")
                .nth(1)
                .unwrap();
            ended(&out, 1, reason);
            fs::write(
                "/mnt/new",
                format!("{CONFIG}Match User alice\n\tPubkeyAuthentication no\n"),
            )
            .unwrap();
            let out = sshwhy(&["what-if", "--sshd-config", "/mnt/new"]);
            ended(&out, 0, "loses: alice with ");
            ended(&out, 0, "--> /mnt/new:8");
            // Nobody whose password field is `*` has a password to lose.
            assert!(
                !text(&out).contains("daemon with a password"),
                "{}",
                text(&out)
            );
        },
    );
}
