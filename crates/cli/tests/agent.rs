//! `sshwhy agent` as a program: its agent in a process of its own.
#![allow(missing_docs)]

use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SSHWHY: &str = env!("CARGO_BIN_EXE_sshwhy");

struct Agent {
    dir: tempfile::TempDir,
    sock: PathBuf,
    child: Child,
}

impl Agent {
    fn start(args: &[&str]) -> Agent {
        Agent::start_by(Command::new(SSHWHY), args)
    }

    fn start_by(mut command: Command, args: &[&str]) -> Agent {
        let dir = tempfile::tempdir().unwrap();
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(dir.path(), open).unwrap();
        let sock = dir.path().join("agent/sock");
        let child = command
            .args(["agent", "start", "--foreground", "--socket"])
            .arg(&sock)
            .args(args)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let agent = Agent { dir, sock, child };
        agent.wait_for(|| agent.sock.exists());
        agent
    }

    fn wait_for(&self, mut what: impl FnMut() -> bool) {
        let start = Instant::now();
        while !what() {
            assert!(start.elapsed() < Duration::from_secs(20), "not in time");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn key(&self, kind: &str, passphrase: &str) -> PathBuf {
        let path = self
            .dir
            .path()
            .join(format!("id_{kind}_{}", passphrase.len()));
        let bits = if kind == "rsa" { "2048" } else { "256" };
        let made = Command::new("ssh-keygen")
            .args([
                "-q", "-t", kind, "-b", bits, "-C", kind, "-N", passphrase, "-f",
            ])
            .arg(&path)
            .status();
        assert!(made.unwrap().success());
        path
    }

    fn sshwhy(&self, args: &[&str]) -> Output {
        run(SSHWHY, &self.sock, args)
    }

    fn add(&self, path: &Path) {
        let out = run("ssh-add", &self.sock, &["-q", path.to_str().unwrap()]);
        assert!(out.status.success(), "{out:?}");
    }

    /// How many of `needles` are found in the memory of the agent.
    fn in_memory(&self, needles: &[Vec<u8>]) -> usize {
        let pid = self.child.id();
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
        let mut found = 0;
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (Some(range), Some(mode)) = (words.next(), words.next()) else {
                continue;
            };
            // What the process cannot write holds no key.
            if !mode.starts_with("rw") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let number = |s| u64::from_str_radix(s, 16).unwrap();
            let (from, to) = (number(from), number(to));
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if memory.read_exact_at(&mut bytes, from).is_err() {
                continue;
            }
            for needle in needles {
                let here = bytes.windows(needle.len()).filter(|w| w == needle).count();
                if here > 0 {
                    eprintln!("found {here} in {line}");
                }
                found += here;
            }
        }
        found
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &str, sock: &Path, args: &[&str]) -> Output {
    Command::new(program)
        .args(args)
        .env("SSH_AUTH_SOCK", sock)
        .env_remove("XDG_RUNTIME_DIR")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(out: &Output) -> String {
    let mut all = String::from_utf8_lossy(&out.stdout).into_owned();
    all.push_str(&String::from_utf8_lossy(&out.stderr));
    all
}

fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// The secret numbers of a key file, in both orders of bytes, in pieces.
fn needles(path: &Path) -> Vec<Vec<u8>> {
    use sshwhy_keyfile::Secret;
    let file = sshwhy_keyfile::read(&std::fs::read(path).unwrap()).unwrap();
    let key = file.unlock(None).unwrap();
    let numbers: Vec<Vec<u8>> = match key.secret() {
        Secret::Ed25519 { seed } => vec![seed.to_vec()],
        Secret::Ecdsa { scalar, .. } => vec![scalar.to_vec()],
        Secret::Rsa { d, p, q, .. } => vec![d.to_vec(), p.to_vec(), q.to_vec()],
        _ => panic!("no such key here"),
    };
    let mut all = Vec::new();
    for number in numbers {
        let middle = number.len() / 2;
        for piece in [&number[..16], &number[middle - 8..middle + 8]] {
            all.push(piece.to_vec());
            all.push(piece.iter().rev().copied().collect());
        }
    }
    all
}

fn sign(agent: &Agent, path: &Path) {
    let public = path.with_extension("pub");
    let out = run("ssh-add", &agent.sock, &["-T", public.to_str().unwrap()]);
    assert!(out.status.success(), "{out:?}");
}

#[test]
fn a_key_is_not_in_memory_after_remove_lock_and_the_end() {
    if !is_root() {
        eprintln!("SKIPPED: the agent's memory can be read by root alone");
        return;
    }
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let agent = Agent::start(&[]);
        let path = agent.key(kind, "");
        let needles = needles(&path);
        agent.add(&path);
        for _ in 0..5 {
            sign(&agent, &path);
        }
        assert!(
            agent.in_memory(&needles) > 0,
            "{kind}: the search finds nothing"
        );
        let pass = agent.dir.path().join("pass");
        std::fs::write(&pass, "Zq7 marks the lock\n").unwrap();
        let pass = pass.to_str().unwrap();
        let locked = agent.sshwhy(&["agent", "lock", "--passphrase-file", pass]);
        assert!(locked.status.success(), "{locked:?}");
        assert_eq!(agent.in_memory(&needles), 0, "{kind}: locked");
        assert_eq!(
            agent.in_memory(&[b"Zq7 marks the lock".to_vec()]),
            0,
            "the lock's passphrase"
        );
        let open = agent.sshwhy(&["agent", "unlock", "--passphrase-file", pass]);
        assert!(open.status.success(), "{open:?}");
        sign(&agent, &path);
        let removed = agent.sshwhy(&["agent", "remove", path.to_str().unwrap()]);
        assert!(removed.status.success(), "{removed:?}");
        assert_eq!(agent.in_memory(&needles), 0, "{kind}: removed");
    }
}

#[test]
fn a_key_is_not_in_memory_after_sigterm() {
    if !is_root() {
        eprintln!("SKIPPED: the agent's memory can be read by root alone");
        return;
    }
    // The process outlives its agent for as long as its command runs.
    let agent = Agent::start(&["--exec", "sleep", "300"]);
    let path = agent.key("ed25519", "");
    let needles = needles(&path);
    agent.add(&path);
    sign(&agent, &path);
    assert!(agent.in_memory(&needles) > 0);
    let pid = agent.child.id();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let term = |pid: &str| {
        let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    };
    term(&pid.to_string());
    agent.wait_for(|| agent.in_memory(&needles) == 0);
    // It is still there: that was no search of nothing.
    assert!(
        std::fs::read_to_string(format!("/proc/{pid}/maps"))
            .unwrap()
            .contains("[heap]")
    );
    term(children.trim());
}

#[test]
fn sigterm_wipes_and_takes_the_socket_away() {
    let mut agent = Agent::start(&[]);
    let path = agent.key("ed25519", "");
    agent.add(&path);
    let pid = rustix::process::Pid::from_child(&agent.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(agent.child.wait().unwrap().success());
    assert!(!agent.sock.exists());
}

#[test]
fn sigusr1_drops_the_keys_and_the_agent_goes_on() {
    let agent = Agent::start(&[]);
    agent.add(&agent.key("ed25519", ""));
    let pid = rustix::process::Pid::from_child(&agent.child);
    rustix::process::kill_process(pid, rustix::process::Signal::USR1).unwrap();
    agent.wait_for(|| text(&run("ssh-add", &agent.sock, &["-l"])).contains("no identities"));
}

#[test]
fn nobody_of_the_same_user_may_trace_the_agent() {
    if !is_root() {
        eprintln!("SKIPPED: needs root to become somebody else");
        return;
    }
    // The build's own folder may be closed to others: theirs is a copy where they can start it.
    let open = tempfile::tempdir().unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(open.path(), mode).unwrap();
    let program = open.path().join("sshwhy");
    std::fs::copy(SSHWHY, &program).unwrap();
    let mut other = Command::new("setpriv");
    let them = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    other.args(them).arg(&program);
    let agent = Agent::start_by(other, &[]);
    let pid = agent.child.id();
    let read = Command::new("setpriv")
        .args(them)
        .args(["head", "-c", "1"])
        .arg(format!("/proc/{pid}/mem"))
        .output()
        .unwrap();
    assert!(text(&read).contains("Permission denied"), "{read:?}");
    let status = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = status
        .lines()
        .find(|l| l.starts_with("Max core file size"))
        .unwrap();
    assert!(core.split_whitespace().nth(4) == Some("0"), "{core}");
}

#[test]
fn the_agent_ends_with_its_command_and_gives_its_status() {
    let out = Command::new(SSHWHY)
        .args(["agent", "start", "--exec", "sh", "-c"])
        .arg("echo $SSH_AUTH_SOCK; ssh-add -l; test -n \"$GLIBC_TUNABLES\" && echo tuned; exit 7")
        .env_remove("GLIBC_TUNABLES")
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(7), "{out:?}");
    let said = text(&out);
    let sock = said.lines().next().unwrap();
    assert!(said.contains("The agent has no identities."), "{said}");
    assert!(!said.contains("tuned"), "{said}");
    assert!(!Path::new(sock).exists());
}

#[test]
fn start_prints_lines_for_each_shell_and_stop_ends_what_they_name() {
    for (shell, first) in [
        ("sh", "SSH_AUTH_SOCK="),
        ("csh", "setenv SSH_AUTH_SOCK "),
        ("fish", "set -gx SSH_AUTH_SOCK "),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let sock = dir.path().join("a/sock");
        let out = Command::new(SSHWHY)
            .args(["agent", "start", "--shell", shell, "--socket"])
            .arg(&sock)
            .output()
            .unwrap();
        assert!(text(&out).starts_with(first), "{out:?}");
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&sock), mode(sock.parent().unwrap())), (0o600, 0o700));
        let again = Command::new(SSHWHY)
            .args(["agent", "start", "--socket"])
            .arg(&sock)
            .output()
            .unwrap();
        assert_eq!(again.status.code(), Some(2));
        assert!(text(&again).contains("answers"), "{again:?}");
        let stopped = run(SSHWHY, &sock, &["agent", "stop", "--shell", shell]);
        assert!(stopped.status.success(), "{stopped:?}");
        let start = Instant::now();
        while sock.exists() {
            assert!(start.elapsed() < Duration::from_secs(5));
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn list_and_test_tell_what_each_key_is_for() {
    let agent = Agent::start(&[]);
    let (ed, rsa) = (agent.key("ed25519", ""), agent.key("rsa", ""));
    let locked = agent.key("ed25519", "secret");
    let path = |p: &Path| p.to_str().unwrap().to_owned();
    let added = agent.sshwhy(&["agent", "add", "-t", "1h", &path(&ed)]);
    assert!(added.status.success(), "{added:?}");
    assert!(
        agent
            .sshwhy(&["agent", "add", "-c", &path(&rsa)])
            .status
            .success()
    );
    assert!(
        agent
            .sshwhy(&["agent", "add", "--encrypted", &path(&locked)])
            .status
            .success()
    );
    let list = agent.sshwhy(&["agent", "list"]);
    let said = text(&list);
    assert!(list.status.success(), "{said}");
    assert!(
        said.contains("s left]") && said.contains("[asks before each use]"),
        "{said}"
    );
    assert!(said.contains("[encrypted]"), "{said}");
    let tested = agent.sshwhy(&["agent", "test"]);
    let said = text(&tested);
    assert!(tested.status.success(), "{said}");
    assert!(said.contains("ssh-ed25519 good"), "{said}");
    assert_eq!(said.matches(" skipped: ").count(), 3, "{said}");
    let json = agent.sshwhy(&["agent", "list", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["agents"][0]["keys"][1]["confirm"], true);
    assert_eq!(json["agents"][0]["keys"][2]["encrypted"], true);
    assert_eq!(json["agents"][0]["process"], "sshwhy");
}

#[test]
fn each_way_in_which_an_agent_does_not_help_has_its_name() {
    let agent = Agent::start(&[]);
    let first = |out: &Output| {
        assert_eq!(out.status.code(), Some(1), "{out:?}");
        let said = text(out);
        let (_, id) = said
            .rsplit_once("found[")
            .or(said.rsplit_once("likely["))
            .unwrap_or_default();
        id.split(']').next().unwrap_or_default().to_owned()
    };
    let nowhere = agent.dir.path().join("nowhere");
    assert_eq!(
        first(&run(SSHWHY, &nowhere, &["agent", "test"])),
        "agent-not-running"
    );
    let stale = agent.dir.path().join("stale");
    drop(std::os::unix::net::UnixListener::bind(&stale).unwrap());
    assert_eq!(
        first(&run(SSHWHY, &stale, &["agent", "test"])),
        "agent-socket-stale"
    );
    let key = agent.key("ed25519", "");
    let key = key.to_str().unwrap();
    assert_eq!(
        first(&agent.sshwhy(&["agent", "test", key])),
        "key-not-in-agent"
    );
    assert_eq!(first(&agent.sshwhy(&["agent", "list"])), "key-not-in-agent");
    let pass = agent.dir.path().join("pass");
    std::fs::write(&pass, "p\n").unwrap();
    let pass = pass.to_str().unwrap();
    agent.sshwhy(&["agent", "lock", "--passphrase-file", pass]);
    assert_eq!(first(&agent.sshwhy(&["agent", "test"])), "agent-locked");
    agent.sshwhy(&["agent", "unlock", "--passphrase-file", pass]);
    agent.sshwhy(&["agent", "add", "-c", key]);
    assert_eq!(
        first(&agent.sshwhy(&["agent", "test", key])),
        "client-agent-refused"
    );
    agent.sshwhy(&["agent", "remove", "--all"]);
    std::fs::remove_file(key).unwrap();
    for n in 1..=7 {
        if n > 1 {
            std::fs::remove_file(key).unwrap();
        }
        agent.add(&agent.key("ed25519", ""));
    }
    let last = agent.dir.path().join("id_ed25519_0.pub");
    let said = agent.sshwhy(&["agent", "list", last.to_str().unwrap()]);
    assert_eq!(first(&said), "client-too-many-keys");
}
