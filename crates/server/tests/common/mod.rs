//! A server on a free port of loopback, for the account that runs the tests.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses a part of it"
)]

pub mod stall;

use sshwhy_server::{Config, Event, Folder, HostKey, Limits, Login, Mode, Running, Source, serve};
use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Build};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// The key of the folder, its private half, and one that is not there.
pub struct Stage {
    pub dir: TempDir,
    pub running: Option<Running>,
    pub events: Arc<Mutex<Vec<Event>>>,
    pub user: String,
    /// `SHA256:…`
    pub host_key: String,
}

/// What `become_session` does, by programs that any Linux has: the name to call it by is left out.
const HELPER: [&str; 5] = [
    "sh",
    "-c",
    r#"c=; if [ -t 0 ]; then c=-c; fi; exec setsid $c sh -c "$0" "$@""#,
    r#"if [ "$1" = --first ]; then "$3" -c "$2" </dev/null; shift 2; fi
       p=$1; shift 2; exec "$p" "$@""#,
    "session",
];

pub fn said(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// Whether the programs are there; otherwise the reason is printed.
pub fn have(programs: &[&str]) -> bool {
    for program in programs {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {program}")])
            .output()
            .is_ok_and(|o| o.status.success());
        if !found {
            let _ = writeln!(std::io::stderr(), "SKIPPED: {program} is not installed");
            return false;
        }
    }
    true
}

/// Past the test harness, which would keep it to itself.
pub fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn keygen(path: &Path) {
    let done = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status()
        .unwrap();
    assert!(done.success());
}

/// Limits that a test from one address does not run into.
pub fn wide() -> Limits {
    Limits {
        connections: 4096,
        per_source: 4096,
        penalty: Duration::ZERO,
        ..Limits::default()
    }
}

impl Stage {
    /// `options`: what stands before the listed key on its line.
    pub fn new(session: bool, options: &str, limits: Limits) -> Stage {
        Stage::with(session, options, limits, |_| {})
    }

    /// The same with a configuration of its own.
    pub fn with(
        session: bool,
        options: &str,
        limits: Limits,
        change: impl FnOnce(&mut Config),
    ) -> Stage {
        let dir = TempDir::new().unwrap();
        let keys = dir.path().join("keys");
        fs::create_dir(&keys).unwrap();
        fs::set_permissions(&keys, fs::Permissions::from_mode(0o755)).unwrap();
        keygen(&dir.path().join("listed"));
        keygen(&dir.path().join("fresh"));
        let public = fs::read_to_string(dir.path().join("listed.pub")).unwrap();
        fs::write(keys.join("authorized_keys"), format!("{options}{public}")).unwrap();
        let user = said("id", &["-un"]);
        let home = dir.path().join("home");
        fs::create_dir(&home).unwrap();
        let account = Account {
            name: user.clone().into(),
            password: PasswordField::Shadowed,
            uid: said("id", &["-u"]).parse().unwrap(),
            gid: said("id", &["-g"]).parse().unwrap(),
            home: home.to_str().unwrap().into(),
            shell: b"/bin/sh".to_vec(),
        };
        let source = Source::Folder(Folder {
            path: keys,
            account: account.clone(),
            settings: b"StrictModes no\nPermitRootLogin yes".to_vec(),
            build: Build::profile("openssh-10.0").unwrap(),
        });
        let mode = if session {
            let helper = HELPER.map(Into::into).to_vec();
            Mode::Session(Login::new(account, helper))
        } else {
            Mode::ExplainOnly
        };
        let host_key = HostKey::generate().unwrap();
        let print = host_key.fingerprint();
        let mut config = Config::new(mode, source, vec![host_key]);
        config.limits = limits;
        // As `sshwhy serve` has it.
        config.post_quantum_only = session;
        change(&mut config);
        let events = Arc::new(Mutex::new(Vec::new()));
        let log = events.clone();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sink = move |event: &Event| log.lock().unwrap().push(event.clone());
        let running = serve(config, listener, Arc::new(sink)).unwrap();
        Stage {
            dir,
            running: Some(running),
            events,
            user,
            host_key: print,
        }
    }

    pub fn port(&self) -> u16 {
        self.running.as_ref().unwrap().address().port()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What every OpenSSH client is told.
    pub fn options(&self, key: &str) -> Vec<String> {
        let mut out: Vec<String> = vec!["-F".into(), "none".into()];
        for option in [
            "StrictHostKeyChecking=no",
            "UserKnownHostsFile=/dev/null",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "ConnectTimeout=20",
        ] {
            out.extend(["-o".into(), option.into()]);
        }
        out.extend(["-o".into(), format!("Port={}", self.port())]);
        out.extend(["-i".into(), self.path(key).display().to_string()]);
        out
    }

    pub fn ssh(&self, key: &str, user: &str, command: &[&str]) -> Output {
        Command::new("ssh")
            .args(self.options(key))
            .arg(format!("{user}@127.0.0.1"))
            .args(command)
            .output()
            .unwrap()
    }
}
