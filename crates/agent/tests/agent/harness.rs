//! An agent in a thread, keys made by ssh-keygen, and real programs that use it.

use rustix::process::getuid;
use sshwhy_agent::ask::{Ask, Question, Topic};
use sshwhy_agent::socket::Socket;
use sshwhy_agent::{Client, Server, Settings, Signals, Store};
use std::ffi::OsStr;
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use zeroize::Zeroizing;

/// Answers as the test says, and keeps the questions.
#[derive(Default)]
pub(crate) struct Scripted {
    pub(crate) yes: AtomicBool,
    pub(crate) passphrase: Mutex<Option<Vec<u8>>>,
    pub(crate) confirms: AtomicUsize,
    pub(crate) passphrases: AtomicUsize,
    pub(crate) last: Mutex<Option<Question>>,
}

impl Ask for Scripted {
    fn confirm(&self, question: &Question, _: &AtomicBool) -> bool {
        assert_eq!(question.topic, Topic::Confirm);
        self.confirms.fetch_add(1, Ordering::SeqCst);
        *self.last.lock().unwrap() = Some(question.clone());
        self.yes.load(Ordering::SeqCst)
    }

    fn passphrase(&self, question: &Question, _: &AtomicBool) -> Option<Zeroizing<Vec<u8>>> {
        self.passphrases.fetch_add(1, Ordering::SeqCst);
        *self.last.lock().unwrap() = Some(question.clone());
        self.passphrase.lock().unwrap().clone().map(Zeroizing::new)
    }
}

pub(crate) struct Running {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) path: PathBuf,
    pub(crate) ask: Arc<Scripted>,
    end: UnixStream,
    thread: Option<JoinHandle<()>>,
}

pub(crate) fn start() -> Running {
    start_with(Settings::default(), 1024)
}

pub(crate) fn start_with(settings: Settings, open_files: u64) -> Running {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("agent/sock");
    let socket = Socket::bind(&path).unwrap();
    let (end_in, end) = UnixStream::pair().unwrap();
    let ask = Arc::new(Scripted::default());
    let theirs: Arc<dyn Ask> = Arc::clone(&ask) as _;
    let thread = std::thread::spawn(move || {
        let mut server = Server::new(Store::new(settings), theirs, open_files).unwrap();
        let signals = Signals {
            end: end_in.as_fd(),
            drop_keys: None,
        };
        server.run(&socket.listener, &signals).unwrap();
    });
    Running {
        dir,
        path,
        ask,
        end,
        thread: Some(thread),
    }
}

impl Running {
    pub(crate) fn client(&self) -> Client<UnixStream> {
        Client::new(self.stream())
    }

    pub(crate) fn stream(&self) -> UnixStream {
        let stream = UnixStream::connect(&self.path).unwrap();
        let patience = Some(std::time::Duration::from_secs(30));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// A key file made by ssh-keygen.
    pub(crate) fn key(&self, kind: &str, bits: &str, passphrase: &str) -> PathBuf {
        let name = format!("id_{kind}_{bits}_{}", passphrase.len());
        let path = self.dir.path().join(name);
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", kind, "-b", bits, "-N", passphrase, "-C"])
            .arg(format!("{kind}-{bits}"))
            .arg("-f")
            .arg(&path)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        path
    }

    /// Runs a program with this agent.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, program: &str, args: &[S]) -> Output {
        run_with(&self.path, program, args, "")
    }

    pub(crate) fn add(&self, path: &Path) {
        let out = self.run("ssh-add", &[path]);
        assert!(out.status.success(), "{out:?}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end.write_all(&[1]);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !std::thread::panicking()
        {
            panic!("the agent's loop panicked");
        }
    }
}

pub(crate) fn run_with<S: AsRef<OsStr>>(
    sock: &Path,
    program: &str,
    args: &[S],
    input: &str,
) -> Output {
    let mut child = Command::new(program)
        .args(args)
        .env("SSH_AUTH_SOCK", sock)
        .env("SSH_ASKPASS_REQUIRE", "never")
        .env_remove("DISPLAY")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn text(out: &Output) -> String {
    let mut all = String::from_utf8_lossy(&out.stdout).into_owned();
    all.push_str(&String::from_utf8_lossy(&out.stderr));
    all
}

pub(crate) fn blob_of(path: &Path) -> Vec<u8> {
    let mut public = path.as_os_str().to_owned();
    public.push(".pub");
    let data = std::fs::read(PathBuf::from(public)).unwrap();
    sshwhy_keys::load_public(&data).unwrap().key.blob().to_vec()
}

pub(crate) fn is_root() -> bool {
    getuid().is_root()
}
