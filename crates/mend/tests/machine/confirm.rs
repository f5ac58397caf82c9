//! A change that goes back by itself, on a real sshd.

use crate::PLACE;
use crate::tree::{assert_same, whole};
use sshwhy_mend::apply::{Setting, apply, stage};
use sshwhy_mend::confirm::{self, Knows, ThrowAway};
use sshwhy_mend::confirm_watch as watch;
use sshwhy_mend::journal::{Phase, Store};
use sshwhy_mend::safe_trouble::Why;
use sshwhy_mend::{Change, Made, What};
use sshwhy_wire::{KeySigner, Signer};
use sshwhy_world::{Kind, Node};
use std::fs;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const GOOD: &str = "# the old one\n";
const BAD: &str = "# the old one\nPubkeyAuthentication no\n";
const ALGORITHM: &[u8] = b"ssh-ed25519";

struct Server {
    sshd: Child,
    root: PathBuf,
    store: PathBuf,
    to: SocketAddr,
    own: Arc<dyn Signer>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.sshd.kill();
        let _ = self.sshd.wait();
    }
}

/// A network of this test's own, where there is one address.
fn network() -> Result<(), String> {
    #[allow(
        unsafe_code,
        reason = "unshare(2) is unsafe where it parts file descriptors"
    )]
    // SAFETY: the table of file descriptors stays shared.
    let apart = unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) };
    apart.map_err(|e| format!("no network name space: {e}"))?;
    let up = Command::new("ip")
        .args(["link", "set", "lo", "up"])
        .status();
    match up {
        Ok(s) if s.success() => Ok(()),
        other => Err(format!("no loopback interface: {other:?}")),
    }
}

fn server() -> Result<Server, String> {
    network()?;
    let base = Path::new(PLACE).join("confirm");
    let _ = fs::remove_dir_all(&base);
    let root = base.join("root");
    fs::create_dir_all(root.join("etc/ssh")).unwrap();
    if !Path::new("/run/sshd").exists() {
        crate::tmpfs(Path::new("/run"), "size=1m")?;
        fs::create_dir("/run/sshd").unwrap();
    }
    for key in ["host", "own"] {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(base.join(key))
            .status();
        if !made.is_ok_and(|s| s.success()) {
            return Err("no ssh-keygen".to_owned());
        }
    }
    fs::copy(base.join("own.pub"), root.join("keys")).unwrap();
    let drop_in = root.join("etc/ssh/drop-in.conf");
    fs::write(&drop_in, GOOD).unwrap();
    let config = format!(
        "Port 2222\nListenAddress 127.0.0.1\nHostKey {b}/host\nPidFile {b}/pid\n\
         Include {d}\nAuthorizedKeysFile {b}/root/keys\nPermitRootLogin yes\nUsePAM no\n\
         PasswordAuthentication no\n",
        b = base.display(),
        d = drop_in.display()
    );
    fs::write(root.join("etc/ssh/sshd_config"), config).unwrap();
    let sshd = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f"])
        .arg(root.join("etc/ssh/sshd_config"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("no sshd: {e}"))?;
    let text = fs::read(base.join("own")).unwrap();
    let own: Arc<dyn Signer> = Arc::new(KeySigner::from_openssh(&text, None).unwrap());
    let server = Server {
        sshd,
        root,
        store: base.join("store"),
        to: "127.0.0.1:2222".parse().unwrap(),
        own,
    };
    server.until("the server lets its key in", |s| s.lets_in());
    Ok(server)
}

impl Server {
    fn lets_in(&self) -> bool {
        confirm::login(self.to, b"root", &[ALGORITHM], &self.own).is_ok()
    }

    fn until(&self, what: &str, so: impl Fn(&Server) -> bool) {
        let begun = Instant::now();
        while !so(self) {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "not in time: {what}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn setting(&self, seconds: Option<u32>) -> Setting {
        let mut setting = setting(&self.root, &self.store);
        setting.reload = vec![self.reload()];
        setting.confirm = seconds.map(confirm::terms);
        setting
    }

    fn reload(&self) -> Vec<Vec<u8>> {
        let pid = self.sshd.id().to_string();
        [&b"/bin/kill"[..], b"-HUP", pid.as_bytes()]
            .map(<[u8]>::to_vec)
            .to_vec()
    }

    fn drop_in(&self) -> String {
        fs::read_to_string(self.root.join("etc/ssh/drop-in.conf")).unwrap()
    }
}

fn setting(root: &Path, store: &Path) -> Setting {
    let mut setting = Setting::new(root, &[]);
    setting.store = store.to_path_buf();
    setting
}

fn edit(to: &str) -> Change {
    Change {
        path: b"/etc/ssh/drop-in.conf".to_vec(),
        what: What::Write {
            before: Some(GOOD.as_bytes().to_vec()),
            after: to.as_bytes().to_vec(),
            made: Made {
                uid: 0,
                gid: 0,
                mode: 0o644,
            },
        },
        before: Some(Node::new(Kind::File, 0o644, 0, 0)),
        reasons: vec!["pubkey-authentication-no"],
        safety: sshwhy_causes::Safety::Weakens,
        touches: Vec::new(),
        by: None,
    }
}

/// What the watcher's process does: `undo --watch ID STORE ROOT`.
pub(crate) fn watcher(words: &[String]) -> ExitCode {
    let [_, id, store, root] = words else {
        return ExitCode::from(9);
    };
    match watch::watch(Path::new(store), Path::new(root), id) {
        Ok(_) => ExitCode::SUCCESS,
        Err(t) => {
            eprintln!("{t}");
            ExitCode::from(3)
        }
    }
}

/// Makes the bad change, to be confirmed in two seconds, and lives until it is killed:
/// `ROOT STORE PID`.
pub(crate) fn child(words: &[String]) -> ExitCode {
    let [root, store, pid] = words else {
        return ExitCode::from(9);
    };
    let mut setting = setting(Path::new(root), Path::new(store));
    let reload = [&b"/bin/kill"[..], b"-HUP", pid.as_bytes()]
        .map(<[u8]>::to_vec)
        .to_vec();
    setting.reload = vec![reload.clone()];
    setting.confirm = Some(confirm::terms(2));
    let staged = stage(&[edit(BAD)], &setting).unwrap().unwrap();
    let program = std::env::current_exe().unwrap();
    watch::start(staged.store(), staged.id(), 2, &program, &[store, root]).unwrap();
    staged.carry_out().unwrap();
    sshwhy_mend::reload::carry_out(&[reload]).unwrap();
    println!("made");
    std::thread::sleep(Duration::from_secs(60));
    ExitCode::SUCCESS
}

pub(crate) fn real_sshd() {
    let server = match server() {
        Ok(server) => server,
        Err(why) => return crate::skipped(&format!("a change that is confirmed: {why}")),
    };
    proven(&server);
    killed(&server);
    rebooted(&server);
}

/// A throw-away key proves the login, and nothing of it stays.
fn proven(server: &Server) {
    let keys = fs::read(server.root.join("keys")).unwrap();
    let before = whole(&server.root, true);
    let good = format!("{GOOD}# harmless\n");
    let done = apply(&[edit(&good)], &server.setting(Some(60)))
        .unwrap()
        .unwrap();
    let store = Store::open(&server.store).unwrap();
    assert_eq!(store.phase(&done.id), Phase::Unconfirmed);
    let waits = apply(&[edit(&good)], &server.setting(None)).unwrap_err();
    assert_eq!(waits.why, Why::Awaits(done.id.clone()));
    sshwhy_mend::reload::carry_out(&[server.reload()]).unwrap();
    server.until("the server is back", Server::lets_in);
    let prove = || {
        let node = Node::new(Kind::File, 0o644, 0, 0);
        let key = ThrowAway::new().unwrap();
        let knows = Knows {
            restrict: true,
            expiry: true,
        };
        let file = (&b"/keys"[..], &node, &keys[..]);
        let setting = server.setting(Some(60));
        confirm::prove(&setting, &done.id, key, file, knows, (b"root", server.to)).unwrap()
    };
    let from = prove().unwrap();
    assert!(from.ip().is_loopback());
    assert_eq!(
        fs::read(server.root.join("keys")).unwrap(),
        keys,
        "the line is gone"
    );
    // A person keeps it from a login alone, and this is none.
    confirm::ready(&store, &done.id).unwrap();
    assert!(confirm::keep_from_here(&store, None).is_err());
    confirm::keep(&store, &done.id).unwrap();
    assert_eq!(store.phase(&done.id), Phase::Applied);
    sshwhy_mend::undo::look(&server.store, &server.root, Some(&done.id))
        .unwrap()
        .carry_out(false)
        .unwrap();
    assert_same(
        &before,
        &whole(&server.root, true),
        "nothing of the proof stays",
    );
}

/// The process is killed with its whole session, as when the connection is cut.
fn killed(server: &Server) {
    let before = whole(&server.root, true);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .arg("confirm-child")
        .args([&server.root, &server.store])
        .arg(server.sshd.id().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn().unwrap();
    let mut said = [0; 4];
    std::io::Read::read_exact(&mut child.stdout.take().unwrap(), &mut said).unwrap();
    assert_eq!(server.drop_in(), BAD);
    server.until("the server refuses", |s| !s.lets_in());
    let group = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process_group(group, rustix::process::Signal::KILL).unwrap();
    child.wait().unwrap();
    assert_eq!(server.drop_in(), BAD, "not before its time");
    server.until("it went back by itself", |s| s.drop_in() == GOOD);
    server.until("the server lets in again", Server::lets_in);
    assert_same(&before, &whole(&server.root, true), "back by itself");
}

/// The machine starts anew between the change and its confirmation: no watcher lives.
fn rebooted(server: &Server) {
    let before = whole(&server.root, true);
    let done = apply(&[edit(BAD)], &server.setting(Some(600)))
        .unwrap()
        .unwrap();
    assert_eq!(server.drop_in(), BAD);
    assert_eq!(watch::at_boot(&server.store, &server.root).unwrap(), 1);
    assert_same(&before, &whole(&server.root, true), "at boot");
    let store = Store::open(&server.store).unwrap();
    assert_eq!(store.phase(&done.id), Phase::Undone);
    assert_eq!(watch::at_boot(&server.store, &server.root).unwrap(), 0);
    // What is confirmed stays.
    let done = apply(&[edit(BAD)], &server.setting(Some(600)))
        .unwrap()
        .unwrap();
    confirm::keep(&store, &done.id).unwrap();
    assert_eq!(watch::at_boot(&server.store, &server.root).unwrap(), 0);
    assert_eq!(server.drop_in(), BAD);
}
