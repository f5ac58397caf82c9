//! `sshwhy serve` as a program: what it prints, what ends it, what it is started by.
#![allow(missing_docs)]

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const BUILT: &str = env!("CARGO_BIN_EXE_sshwhy");

/// A server by a folder of keys, ended with the test.
struct Server {
    dir: TempDir,
    child: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn have(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .output()
        .is_ok_and(|o| o.status.success());
    if !found {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

fn keygen(path: &Path) {
    let done = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status()
        .unwrap();
    assert!(done.success());
}

impl Server {
    fn new(prepare: impl FnOnce(&mut Command, &Path)) -> Server {
        let dir = TempDir::new().unwrap();
        let keys = dir.path().join("keys");
        fs::create_dir(&keys).unwrap();
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o755)).unwrap();
        keygen(&dir.path().join("key"));
        fs::copy(dir.path().join("key.pub"), keys.join("authorized_keys")).unwrap();
        let mut command = Command::new(BUILT);
        command
            .args(["serve", "--format", "json", "-o", "StrictModes no"])
            .args(["-o", "PermitRootLogin yes", "--keys"])
            .arg(&keys)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        prepare(&mut command, dir.path());
        if !command.get_args().any(|a| a == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command.spawn().unwrap();
        let mut server = Server {
            lines: BufReader::new(child.stdout.take().unwrap()),
            dir,
            child,
            address: String::new(),
        };
        let ready = server.line();
        assert_eq!(ready["event"], "ready");
        server.address = ready["address"].as_str().unwrap().to_owned();
        server
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}"))
    }

    /// The next event of this kind.
    fn event(&mut self, name: &str) -> Value {
        loop {
            let line = self.line();
            if line["event"] == name {
                return line;
            }
        }
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// What an OpenSSH client shows.
    fn ssh(&self, user: &str) -> String {
        let (_, port) = self.address.rsplit_once(':').unwrap();
        let out = Command::new("ssh")
            .args(["-F", "none", "-p", port, "-i"])
            .arg(self.dir.path().join("key"))
            .args(["-o", "StrictHostKeyChecking=no"])
            .args(["-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"])
            .arg(format!("{user}@127.0.0.1"))
            .arg("id")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(255));
        String::from_utf8_lossy(&out.stderr).into_owned()
    }
}

fn me() -> String {
    let out = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_log_has_the_whole_finding_and_the_peer_has_one_sentence() {
    if !have("ssh") {
        return;
    }
    let mut server = Server::new(|_, _| {});
    assert!(server.ssh(&me()).contains("accepted: sshd would let"));
    let line = server.event("attempt");
    assert_eq!(line["schema"], "sshwhy/1");
    assert_eq!(line["signed"], true);
    assert_eq!(line["result"]["verdict"], "accept");
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
    let heard = server.ssh("nobody-there");
    assert!(heard.contains("not accepted for this name"), "{heard}");
    assert!(!heard.contains("user-unknown"), "{heard}");
    let line = server.event("attempt");
    assert_eq!(line["result"]["causes"][0]["id"], "user-unknown");
    assert_eq!(line["told"], "not accepted for this name");
}

#[test]
fn a_changed_folder_counts_at_once_and_a_hangup_ends_nothing() {
    if !have("ssh") {
        return;
    }
    let mut server = Server::new(|_, _| {});
    server.signal("HUP");
    fs::write(server.dir.path().join("keys/authorized_keys"), "# none\n").unwrap();
    assert!(server.ssh(&me()).contains("not accepted for this name"));
    let line = server.event("attempt");
    assert_eq!(line["result"]["causes"][0]["id"], "keys-file-empty");
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn systemd_gives_a_socket_and_hears_how_it_goes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let given = listener.local_addr().unwrap().to_string();
    let manager = std::cell::OnceCell::new();
    let mut server = Server::new(|command, dir| {
        let path = dir.join("notify");
        let _ = manager.set(UnixDatagram::bind(&path).unwrap());
        command
            .env("NOTIFY_SOCKET", path)
            .args(["--listen", "stdin"])
            .stdin(OwnedFd::from(listener));
    });
    assert_eq!(server.address, given);
    let manager = manager.get().unwrap();
    manager
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let hear = || {
        let mut text = [0; 256];
        let n = manager.recv(&mut text).unwrap();
        String::from_utf8_lossy(&text[..n]).into_owned()
    };
    assert!(hear().starts_with("READY=1\n"));
    server.signal("HUP");
    assert!(hear().starts_with("RELOADING=1"));
    assert_eq!(hear(), "READY=1");
    server.signal("TERM");
    assert_eq!(hear(), "STOPPING=1");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn root_opens_no_sessions() {
    if me() != "root" {
        eprintln!("SKIPPED: root_opens_no_sessions: not root");
        return;
    }
    let dir = TempDir::new().unwrap();
    let out = Command::new(BUILT)
        .args(["serve", "--session", "--listen", "127.0.0.1:0", "--keys"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(words.contains("no sessions as root"), "{words}");
}

#[test]
fn a_folder_that_others_may_write_to_is_not_served() {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let out = Command::new(BUILT)
        .args(["serve", "--listen", "127.0.0.1:0", "--keys"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(2));
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(words.contains("others could put keys into it"), "{words}");
}

#[test]
fn a_session_is_one_of_its_own_and_what_runs_first_gets_no_input() {
    let out = Command::new(BUILT)
        .args(["serve-session", "--first", "cat; echo first", "/bin/sh"])
        .args(["-sh", "-c", "echo $0; ps -o sid= -p $$; echo $$"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    let words: Vec<&str> = said.split_whitespace().collect();
    let [first, name, session, process] = words.as_slice() else {
        panic!("{said} {}", String::from_utf8_lossy(&out.stderr));
    };
    assert_eq!((*first, *name), ("first", "-sh"));
    assert_eq!(session, process);
}
