//! Sessions: what sshd does between the login and the program (`session.c`: `do_exec`,
//! `do_child`), for the account that runs this server.

use crate::pty::{Size, Terminal};
use russh::server::{Handle, Msg};
use russh::{Channel, ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Pty, Sig};
use rustix::process::{Pid, Signal, kill_process_group};
use sshwhy_verdict::Grant;
use sshwhy_world::Account;
use std::collections::{HashMap, VecDeque};
use std::ffi::{OsStr, OsString};
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::sync::Notify;

/// How sessions are opened.
#[derive(Clone, Debug)]
pub struct Login {
    /// The account: the one that runs this server.
    pub account: Account,
    /// A program and its first arguments that calls [`become_session`] with what follows: it makes
    /// the terminal the session's own. Without one, sessions with a terminal are refused.
    pub helper: Vec<OsString>,
    /// The program of the sftp subsystem where the configuration names none.
    pub sftp_server: Option<PathBuf>,
    /// nologin(5): where it lies, nobody but root gets a session.
    pub nologin: Option<PathBuf>,
    /// Names of variables that a client may set, `*` at the end stands for anything.
    pub accept_env: Vec<Vec<u8>>,
}

impl Login {
    /// For the account, with what Debian's sshd allows.
    #[must_use]
    pub fn new(account: Account, helper: Vec<OsString>) -> Login {
        let places = [
            "/usr/lib/openssh/sftp-server",
            "/usr/libexec/openssh/sftp-server",
            "/usr/libexec/sftp-server",
            "/usr/lib/ssh/sftp-server",
        ];
        Login {
            account,
            helper,
            sftp_server: places.iter().map(PathBuf::from).find(|p| p.is_file()),
            nologin: None,
            accept_env: vec![b"LANG".to_vec(), b"LC_*".to_vec()],
        }
    }
}

/// Turns this process into the program of a session: a session of its own, with the terminal on
/// standard input as its controlling one where it is one. `args`: the program, the name it is
/// called by, its arguments. Only comes back with an error.
pub fn become_session(args: &[OsString]) -> io::Error {
    let [program, name, rest @ ..] = args else {
        return io::Error::new(io::ErrorKind::InvalidInput, "no program");
    };
    if let Err(e) = rustix::process::setsid() {
        return e.into();
    }
    let stdin = rustix::stdio::stdin();
    if rustix::termios::isatty(stdin)
        && let Err(e) = rustix::process::ioctl_tiocsctty(stdin)
    {
        return e.into();
    }
    std::process::Command::new(program)
        .arg0(name)
        .args(rest)
        .exec()
}

/// What every session of one connection has in common.
pub(crate) struct Ready {
    login: Login,
    forced: Option<Vec<u8>>,
    pty: bool,
    sftp: Option<Vec<u8>>,
    from: SocketAddr,
    to: SocketAddr,
}

impl Ready {
    /// Whether this server can give what was granted, and what to say to the operator if not.
    pub(crate) fn new(
        login: &Login,
        user: &str,
        grant: Grant,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Result<Ready, String> {
        let me = rustix::process::geteuid().as_raw();
        if user.as_bytes() != login.account.name || login.account.uid != me {
            return Err(format!(
                "a session for {user} was refused: this server runs for uid {me} alone"
            ));
        }
        if grant.chroot {
            return Err("a session was refused: ChrootDirectory needs root".into());
        }
        // No line: a certificate, whose extensions are not looked at here. The least is granted.
        // `environment=` needs PermitUserEnvironment in sshd too, and is not set.
        let pty = grant.permit_tty && grant.options.is_some_and(|o| o.pty);
        Ok(Ready {
            login: login.clone(),
            forced: grant.forced,
            pty,
            sftp: grant.sftp,
            from,
            to,
        })
    }

    fn shell(&self) -> &[u8] {
        match self.login.account.shell.as_slice() {
            b"" => b"/bin/sh",
            shell => shell,
        }
    }

    /// The login environment, in sshd's order (`do_setup_env`).
    fn environment(&self, slot: &Slot, wish: Option<&[u8]>) -> Vec<(OsString, OsString)> {
        let account = &self.login.account;
        let mut out: Vec<(OsString, OsString)> = Vec::new();
        let mut set = |name: &str, value: &[u8]| {
            out.push((name.into(), OsStr::from_bytes(value).to_owned()));
        };
        let (from, to) = (self.from, self.to);
        let (from_ip, to_ip) = (from.ip().to_canonical(), to.ip().to_canonical());
        set("USER", &account.name);
        set("LOGNAME", &account.name);
        set("HOME", &account.home);
        set("PATH", b"/usr/local/bin:/usr/bin:/bin:/usr/games");
        set("SHELL", self.shell());
        if let Ok(zone) = std::env::var("TZ") {
            set("TZ", zone.as_bytes());
        }
        for (name, value) in &slot.environment {
            set(&String::from_utf8_lossy(name), value);
        }
        let client = format!("{from_ip} {} {}", from.port(), to.port());
        set("SSH_CLIENT", client.as_bytes());
        let connection = format!("{from_ip} {} {to_ip} {}", from.port(), to.port());
        set("SSH_CONNECTION", connection.as_bytes());
        if let Some(terminal) = &slot.terminal {
            set("SSH_TTY", terminal.name.as_bytes());
            set("TERM", terminal.term.as_bytes());
        }
        if self.forced.is_some()
            && let Some(wish) = wish
        {
            set("SSH_ORIGINAL_COMMAND", wish);
        }
        out
    }
}

/// A channel before its program runs.
struct Slot {
    channel: Option<Channel<Msg>>,
    terminal: Option<Terminal>,
    environment: Vec<(Vec<u8>, Vec<u8>)>,
    group: Option<Pid>,
}

/// Most variables that a client may set.
const MOST_VARIABLES: usize = 128;
/// Longest value of one.
const LONGEST_VALUE: usize = 4096;

/// The sessions of one connection.
pub(crate) struct Channels {
    ready: Arc<Ready>,
    most: usize,
    slots: HashMap<ChannelId, Slot>,
}

impl Channels {
    pub(crate) fn new(ready: Ready, most: usize) -> Channels {
        Channels {
            ready: Arc::new(ready),
            most,
            slots: HashMap::new(),
        }
    }

    /// Takes a new session channel; `false`: there are enough.
    pub(crate) fn open(&mut self, channel: Channel<Msg>) -> bool {
        if self.slots.len() >= self.most {
            return false;
        }
        let slot = Slot {
            channel: None,
            terminal: None,
            environment: Vec::new(),
            group: None,
        };
        let id = channel.id();
        self.slots.insert(
            id,
            Slot {
                channel: Some(channel),
                ..slot
            },
        );
        true
    }

    pub(crate) fn closed(&mut self, id: ChannelId) {
        if let Some(slot) = self.slots.remove(&id)
            && let Some(group) = slot.group
        {
            // What a closed connection does to a login (SIGHUP to the session).
            let _ = kill_process_group(group, Signal::HUP);
        }
    }

    pub(crate) fn environment(&mut self, id: ChannelId, name: &str, value: &str) -> bool {
        let name = name.as_bytes();
        let allowed = self
            .ready
            .login
            .accept_env
            .iter()
            .any(|p| match p.as_slice() {
                [start @ .., b'*'] => name.starts_with(start),
                whole => whole == name,
            });
        let plain = !name.contains(&b'=') && !name.contains(&0) && !value.contains('\0');
        match self.slots.get_mut(&id) {
            Some(slot)
                if allowed
                    && plain
                    && value.len() <= LONGEST_VALUE
                    && slot.environment.len() < MOST_VARIABLES =>
            {
                let pair = (name.to_vec(), value.as_bytes().to_vec());
                slot.environment.push(pair);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn terminal(
        &mut self,
        id: ChannelId,
        term: &str,
        size: Size,
        modes: &[(Pty, u32)],
    ) -> bool {
        if !self.ready.pty || self.ready.login.helper.is_empty() || term.contains('\0') {
            return false;
        }
        match (self.slots.get_mut(&id), Terminal::open(term, size, modes)) {
            (Some(slot), Ok(terminal)) if slot.channel.is_some() && slot.terminal.is_none() => {
                slot.terminal = Some(terminal);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn resize(&mut self, id: ChannelId, size: Size) {
        if let Some(terminal) = self.slots.get(&id).and_then(|s| s.terminal.as_ref()) {
            terminal.resize(size);
        }
    }

    pub(crate) fn signal(&self, id: ChannelId, signal: &Sig) {
        let Some(group) = self.slots.get(&id).and_then(|s| s.group) else {
            return;
        };
        let signal = match signal {
            Sig::ABRT => Signal::ABORT,
            Sig::ALRM => Signal::ALARM,
            Sig::FPE => Signal::FPE,
            Sig::HUP => Signal::HUP,
            Sig::ILL => Signal::ILL,
            Sig::INT => Signal::INT,
            Sig::KILL => Signal::KILL,
            Sig::PIPE => Signal::PIPE,
            Sig::QUIT => Signal::QUIT,
            Sig::SEGV => Signal::SEGV,
            Sig::TERM => Signal::TERM,
            Sig::USR1 => Signal::USR1,
            Sig::Custom(_) => return,
        };
        let _ = kill_process_group(group, signal);
    }

    /// The command of the sftp subsystem.
    pub(crate) fn sftp(&self) -> Option<Vec<u8>> {
        let named = self.ready.sftp.as_ref().filter(|c| *c != b"internal-sftp");
        let own = self.ready.login.sftp_server.as_ref();
        named
            .cloned()
            .or_else(|| own.map(|p| p.as_os_str().as_bytes().to_vec()))
    }

    /// Starts what the client asked for (`None`: a shell), or what is forced instead.
    ///
    /// # Errors
    /// It cannot be started; the words are for the operator.
    pub(crate) fn start(
        &mut self,
        id: ChannelId,
        wish: Option<Vec<u8>>,
        handle: Handle,
    ) -> Result<(), String> {
        let ready = self.ready.clone();
        let slot = self.slots.get_mut(&id).ok_or("no such channel")?;
        let channel = slot.channel.take().ok_or("a program runs there already")?;
        let nobody = ready.login.account.uid != 0;
        let nologin = ready
            .login
            .nologin
            .as_ref()
            .filter(|p| nobody && p.exists());
        let command = match nologin {
            Some(path) => {
                let path = path.as_os_str().as_bytes();
                Some([b"cat ".as_slice(), &quoted(path), b"; exit 254"].concat())
            }
            None => ready.forced.clone().map_or(wish.clone(), |forced| {
                Some(if forced == b"internal-sftp" {
                    self_sftp(&ready)
                } else {
                    forced
                })
            }),
        };
        let shell = OsStr::from_bytes(ready.shell()).to_owned();
        let base = ready.shell().rsplit(|b| *b == b'/').next().unwrap_or(b"sh");
        // A login shell is told by the dash (login(1)).
        let (name, args) = match &command {
            None => ([b"-", base].concat(), Vec::new()),
            Some(command) => (
                base.to_vec(),
                vec![OsString::from("-c"), OsString::from_vec(command.clone())],
            ),
        };
        let name = OsString::from_vec(name);
        let mut program = match (ready.login.helper.as_slice(), &slot.terminal) {
            ([helper, first @ ..], _) => {
                let mut program = std::process::Command::new(helper);
                program.args(first).arg(shell).arg(name).args(args);
                program
            }
            ([], _) => {
                let mut program = std::process::Command::new(shell);
                program.arg0(name).args(args).process_group(0);
                program
            }
        };
        program
            .env_clear()
            .envs(ready.environment(slot, wish.as_deref()));
        let home = PathBuf::from(OsStr::from_bytes(&ready.login.account.home));
        if home.is_dir() {
            program.current_dir(home);
        } else {
            program.current_dir("/");
        }
        let (read, write) = channel.split();
        let failed = |e: io::Error| format!("cannot start a session: {e}");
        match &mut slot.terminal {
            Some(terminal) => {
                let end = || terminal.end().map(Stdio::from);
                program
                    .stdin(end().map_err(failed)?)
                    .stdout(end().map_err(failed)?)
                    .stderr(end().map_err(failed)?);
                let mut program = Command::from(program);
                program.kill_on_drop(true);
                let child = program.spawn().map_err(failed)?;
                slot.group = group_of(&child);
                terminal.release();
                let (output, input) = terminal.ends().map_err(failed)?;
                tokio::spawn(with_terminal(child, input, output, read, write, handle, id));
            }
            None => {
                program
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped());
                let mut program = Command::from(program);
                program.kill_on_drop(true);
                let child = program.spawn().map_err(failed)?;
                slot.group = group_of(&child);
                tokio::spawn(with_pipes(child, read, write, handle, id));
            }
        }
        Ok(())
    }
}

fn self_sftp(ready: &Ready) -> Vec<u8> {
    match &ready.login.sftp_server {
        Some(path) => path.as_os_str().as_bytes().to_vec(),
        None => b"echo 'this server has no sftp-server' >&2; exit 1".to_vec(),
    }
}

/// A word of sh(1).
fn quoted(word: &[u8]) -> Vec<u8> {
    let mut out = vec![b'\''];
    for b in word {
        match b {
            b'\'' => out.extend_from_slice(b"'\\''"),
            b => out.push(*b),
        }
    }
    out.push(b'\'');
    out
}

fn group_of(child: &Child) -> Option<Pid> {
    child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw)
}

/// One read of a program's output.
const PIECE: usize = 32 * 1024;

/// Copies until the end of either side.
async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut piece = vec![0u8; PIECE];
    loop {
        match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                let Some(read) = piece.get(..n) else { return };
                if to.write_all(read).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Most bytes that wait for a program to read them. The transport grants window as it receives and
/// serves a connection in one loop: were the reader to wait for the program while the program
/// waits for the loop to take its output, neither would go on.
const MOST_WAITING: usize = 256 << 20;

/// Takes what the client sends as fast as it comes, and gives it to the program as fast as that
/// reads.
async fn feed(mut from: ChannelReadHalf, mut to: impl AsyncWrite + Unpin) {
    let waiting = std::sync::Mutex::new((VecDeque::new(), 0usize, false));
    let lock = || {
        waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    let (more, room) = (Notify::new(), Notify::new());
    let take = async {
        loop {
            let data = match from.wait().await {
                Some(ChannelMsg::Data { data }) => data,
                Some(ChannelMsg::Eof | ChannelMsg::Close) | None => break,
                Some(_) => continue,
            };
            while lock().1 > MOST_WAITING {
                room.notified().await;
            }
            let mut queue = lock();
            queue.1 += data.len();
            queue.0.push_back(data);
            drop(queue);
            more.notify_one();
        }
        lock().2 = true;
        more.notify_one();
        // Whatever follows the end is thrown away: a full channel would hold up the connection.
        while from.wait().await.is_some() {}
    };
    let give = async {
        loop {
            let (next, ended) = {
                let mut queue = lock();
                let next = queue.0.pop_front();
                (next, queue.2)
            };
            match next {
                Some(data) => {
                    let written = to.write_all(&data).await;
                    lock().1 -= data.len();
                    room.notify_one();
                    if written.is_err() {
                        break;
                    }
                }
                None if ended => break,
                None => more.notified().await,
            }
        }
        let _ = to.shutdown().await;
        drop(to);
        // A program that reads no more does not stop the client from sending.
        loop {
            {
                let mut queue = lock();
                queue.0.clear();
                queue.1 = 0;
            }
            room.notify_one();
            more.notified().await;
        }
    };
    tokio::pin!(take, give);
    tokio::select! {
        () = &mut take => {}
        () = &mut give => {}
    }
}

async fn with_pipes(
    mut child: Child,
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    handle: Handle,
    id: ChannelId,
) {
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return;
    };
    let feeding = tokio::spawn(feed(read, stdin));
    let out = pump(stdout, write.make_writer());
    let err = pump(stderr, write.make_writer_ext(Some(1)));
    tokio::join!(out, err);
    let status = child.wait().await;
    finish(status, &handle, id).await;
    feeding.abort();
}

async fn with_terminal(
    mut child: Child,
    input: pipe::Sender,
    output: pipe::Receiver,
    read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    handle: Handle,
    id: ChannelId,
) {
    let feeding = tokio::spawn(feed(read, input));
    pump(output, write.make_writer()).await;
    let status = child.wait().await;
    finish(status, &handle, id).await;
    feeding.abort();
}

/// exit-status or exit-signal, then the end (RFC 4254 §6.10).
async fn finish(status: io::Result<ExitStatus>, handle: &Handle, id: ChannelId) {
    let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
    match signal.and_then(signal_name) {
        Some(signal) => {
            let text = String::new();
            let _ = handle
                .exit_signal_request(id, signal, false, text.clone(), text)
                .await;
        }
        None => {
            let code = status.ok().and_then(|s| s.code()).unwrap_or(255);
            let code = u32::try_from(code).unwrap_or(255);
            let _ = handle.exit_status_request(id, code).await;
        }
    }
    let _ = handle.eof(id).await;
    let _ = handle.close(id).await;
}

fn signal_name(number: i32) -> Option<Sig> {
    let all = [
        (Signal::ABORT, Sig::ABRT),
        (Signal::ALARM, Sig::ALRM),
        (Signal::FPE, Sig::FPE),
        (Signal::HUP, Sig::HUP),
        (Signal::ILL, Sig::ILL),
        (Signal::INT, Sig::INT),
        (Signal::KILL, Sig::KILL),
        (Signal::PIPE, Sig::PIPE),
        (Signal::QUIT, Sig::QUIT),
        (Signal::SEGV, Sig::SEGV),
        (Signal::TERM, Sig::TERM),
        (Signal::USR1, Sig::USR1),
    ];
    all.into_iter()
        .find(|(s, _)| s.as_raw() == number)
        .map(|(_, name)| name)
}
