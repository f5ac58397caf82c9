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
fn who_offers_no_key_is_not_said_to_have_one() {
    if !have("ssh") {
        return;
    }
    let mut server = Server::new(|_, _| {});
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let out = Command::new("ssh")
        .args(["-F", "none", "-o", "StrictHostKeyChecking=no", "-o"])
        .args(["UserKnownHostsFile=/dev/null", "-o", "IdentityAgent=none"])
        .args(["-o", "PubkeyAuthentication=no", "-p", port])
        .arg(format!("{}@127.0.0.1", me()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(words.contains("no key was proven"), "{words}");
    let line = server.event("attempt");
    assert_eq!(line["signed"], false);
    assert_eq!(line["result"]["verdict"], "undetermined", "{line}");
    assert!(line["result"]["key"].is_null(), "{line}");
}

#[test]
fn what_can_decide_about_nobody_does_not_start() {
    let dir = TempDir::new().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let keys = dir.path().join("open/keys");
    fs::create_dir_all(&keys).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o700)).unwrap();
    let serve = |words: &[&str]| {
        let out = Command::new("timeout")
            .args(["20", BUILT, "serve", "--listen", "127.0.0.1:0"])
            .args(words)
            .output()
            .unwrap();
        assert_eq!(out.status.code(), Some(2), "{words:?}");
        String::from_utf8_lossy(&out.stderr).into_owned()
    };
    let folder = keys.to_str().unwrap();
    let said = serve(&["--keys", folder, "-o", "Foo 1"]);
    assert!(said.contains("cannot decide about any key"), "{said}");
    assert!(said.contains("Foo"), "{said}");
    fs::set_permissions(dir.path().join("open"), fs::Permissions::from_mode(0o777)).unwrap();
    let said = serve(&["--keys", folder]);
    assert!(said.contains("another folder in its place"), "{said}");
    let said = serve(&[]);
    assert!(said.contains("--like-sshd"), "{said}");
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

/// The process of the server that speaks to the network.
fn network_side(server: &Server) -> u32 {
    let parent = server.child.id();
    let until = std::time::Instant::now() + Duration::from_secs(20);
    while std::time::Instant::now() < until {
        let all = fs::read_dir("/proc").unwrap().flatten();
        for pid in all.filter_map(|p| p.file_name().to_str()?.parse::<u32>().ok()) {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let given_up = status.contains("NoNewPrivs:\t1");
            if status.contains(&format!("\nPPid:\t{parent}\n")) && given_up {
                return pid;
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("there is no process for the network");
}

/// The secret half of an Ed25519 key in a file of OpenSSH's format: it stands before the last copy
/// of the public one.
fn seed(path: &Path) -> Vec<u8> {
    let text = fs::read_to_string(path).unwrap();
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).collect();
    let data = sshwhy_keys::base64::decode(body.as_bytes()).unwrap();
    let name = b"ssh-ed25519";
    let at = data.windows(name.len()).position(|w| w == name).unwrap() + name.len() + 4;
    let public = &data[at..at + 32];
    let last = data.windows(32).rposition(|w| w == public).unwrap();
    data[last - 32..last].to_vec()
}

/// Whether these bytes are anywhere in what a process may read.
fn remembers(pid: u32, wanted: &[u8]) -> bool {
    use std::os::unix::fs::FileExt;
    let mem = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    maps.lines().filter(|l| l.contains(" r")).any(|line| {
        let (from, rest) = line.split_once('-').unwrap();
        let to = rest.split_once(' ').unwrap().0;
        let [from, to] = [from, to].map(|n| u64::from_str_radix(n, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap_or(0)];
        mem.read_exact_at(&mut bytes, from).is_ok()
            && bytes.windows(wanted.len()).any(|w| w == wanted)
    })
}

#[test]
fn as_root_the_network_is_another_processs_that_has_nothing() {
    if me() != "root" || !have("ssh") {
        eprintln!("SKIPPED: as_root_the_network_is_another_processs_that_has_nothing: not root");
        return;
    }
    let mut server = Server::new(|command, dir| {
        command.arg("--host-key").arg(dir.join("host"));
    });
    let network = network_side(&server);
    let of = |what: &str| format!("/proc/{network}/{what}");
    let status = fs::read_to_string(of("status")).unwrap();
    let line = |name: &str| {
        let found = status.lines().find_map(|l| l.strip_prefix(name));
        found
            .unwrap_or_else(|| panic!("no {name}"))
            .trim()
            .to_owned()
    };
    for ids in [line("Uid:"), line("Gid:")] {
        assert!(ids.split_whitespace().all(|id| id != "0"), "{status}");
    }
    assert_eq!(line("Groups:"), "");
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapAmb:"] {
        assert_eq!(u64::from_str_radix(&line(set), 16), Ok(0), "{set}");
    }
    assert_eq!(fs::read_dir(of("root")).unwrap().count(), 0);
    assert!(
        fs::read_link(of("root"))
            .unwrap()
            .to_str()
            .unwrap()
            .ends_with("(deleted)")
    );
    for fd in fs::read_dir(of("fd")).unwrap().flatten() {
        let number = fd.file_name();
        let target = fs::read_link(fd.path()).unwrap();
        let target = target.to_str().unwrap();
        let plain = target.starts_with("socket:") || target.starts_with("anon_inode:");
        assert!(plain || number == "2", "{number:?} is {target}");
    }
    // It has no key: the parent has.
    let secret = seed(&server.dir.path().join("host"));
    assert!(remembers(server.child.id(), &secret));
    assert!(!remembers(network, &secret));
    assert!(server.ssh(&me()).contains("accepted: sshd would let"));
    assert_eq!(server.event("attempt")["result"]["verdict"], "accept");
    // Without it there is no server: the next one is started.
    let killed = Command::new("kill")
        .args(["-9", &network.to_string()])
        .status();
    assert!(killed.unwrap().success());
    let told = server.event("error");
    assert!(
        told["why"].as_str().unwrap().contains("started anew"),
        "{told}"
    );
    assert_ne!(network_side(&server), network);
    assert!(
        server
            .ssh("nobody-there")
            .contains("not accepted for this name")
    );
    server.signal("TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_terminals_interrupt_ends_it_and_starts_nothing_anew() {
    use std::os::unix::process::CommandExt;
    let mut server = Server::new(|command, _| {
        command.process_group(0);
    });
    if me() == "root" {
        network_side(&server);
    }
    let group = format!("-{}", server.child.id());
    let told = Command::new("kill").args(["-INT", "--", &group]).status();
    assert!(told.unwrap().success());
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut server.lines, &mut rest).unwrap();
    assert!(!rest.contains("anew"), "{rest}");
}

#[test]
fn a_host_key_that_is_none_is_said_to_be_none() {
    let dir = TempDir::new().unwrap();
    let path = |name: &str| dir.path().join(name);
    let made = Command::new("mkfifo").arg(path("pipe")).status();
    assert!(made.unwrap().success());
    fs::write(path("empty"), "").unwrap();
    fs::write(path("nul"), b"\0\x1b]0;owned\x07").unwrap();
    fs::File::create(path("huge"))
        .unwrap()
        .set_len(10 << 30)
        .unwrap();
    for name in ["pipe", "empty", "nul", "huge", "."] {
        let out = Command::new("timeout")
            .args(["20", BUILT, "serve", "--listen", "127.0.0.1:0", "--keys"])
            .arg(dir.path())
            .arg("--host-key")
            .arg(path(name))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{name}: {words}");
        assert!(words.contains("cannot use the host key"), "{name}: {words}");
        assert!(!words.contains('\x1b'), "{name}: {words:?}");
    }
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
fn a_post_quantum_exchange_is_spoken_from_both_sides() {
    let mut server = Server::new(|command, _| {
        command.arg("--post-quantum");
    });
    let (_, port) = server.address.rsplit_once(':').unwrap();
    let out = Command::new(BUILT)
        .args(["check", "-F", "none", "--format", "json", "-p", port, "-i"])
        .arg(server.dir.path().join("key"))
        .arg(format!("{}@127.0.0.1", me()))
        .env("HOME", server.dir.path())
        .env("XDG_STATE_HOME", server.dir.path())
        .env_remove("SSH_AUTH_SOCK")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    // It refuses everybody: what it says is the answer, and nothing is guessed beside it.
    assert_eq!(out.status.code(), Some(3), "{words}");
    assert!(
        words.contains("lets nobody in; it says: accepted: sshd would let this key in"),
        "{words}"
    );
    assert!(!words.contains("probability"), "{words}");
    // The signature came, bound to what was agreed on.
    let line = server.event("attempt");
    assert_eq!(line["signed"], true, "{line}");
    assert_eq!(line["result"]["verdict"], "accept", "{line}");
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
