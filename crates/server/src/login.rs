//! Sessions: what sshd does between the login and the program (`session.c`: `do_exec`,
//! `do_child`), for the account that runs this server.

use crate::flow::{Inbox, Room};
use crate::program::{Group, Line, with_pipes, with_terminal};
use crate::pty::Terminal;
use crate::sessions::FromProgram;
use rustix::pipe::fcntl_setpipe_size;
use sshwhy_verdict::Grant;
use sshwhy_wire::connection::Size;
use sshwhy_world::Account;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::net::SocketAddr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use tokio::process::Command;
use tokio::sync::{mpsc, oneshot};

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
    /// What runs before every session whose account has no `~/.ssh/rc` of its own (sshd:
    /// /etc/ssh/sshrc).
    pub system_rc: Option<PathBuf>,
}

impl Login {
    /// For the account, with an sftp-server where there is one.
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
            system_rc: None,
        }
    }
}

/// The word before the command for [`become_session`] that is to run first.
const FIRST: &str = "--first";

/// Turns this process into the program of a session: a session of its own, with the terminal on
/// standard input as its controlling one where it is one. `args`: the program, the name it is
/// called by, its arguments; before them `--first COMMAND` for what the program is to run, and to
/// end, without input, before that. Only comes back with an error.
pub fn become_session(args: &[OsString]) -> io::Error {
    let (first, args) = match args {
        [word, command, rest @ ..] if word == FIRST => (Some(command), rest),
        _ => (None, args),
    };
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
    if let Some(command) = first {
        // What becomes of it is no reason not to go on (`do_rc_files`).
        let _ = std::process::Command::new(program)
            .arg("-c")
            .arg(command)
            .stdin(Stdio::null())
            .status();
    }
    std::process::Command::new(program)
        .arg0(name)
        .args(rest)
        .exec()
}

/// What every session of one connection has in common.
pub(crate) struct Ready {
    login: Login,
    grant: Grant,
    from: SocketAddr,
    to: SocketAddr,
}

impl Ready {
    /// Whether this server can give what was granted, and what to say to the operator if not.
    pub(crate) fn new(
        login: &Login,
        user: &[u8],
        grant: Grant,
        from: SocketAddr,
        to: SocketAddr,
    ) -> Result<Ready, String> {
        let me = rustix::process::geteuid().as_raw();
        if user != login.account.name || login.account.uid != me {
            return Err(format!(
                "a session for {} was refused: this server runs for uid {me} alone",
                user.escape_ascii()
            ));
        }
        if grant.chroot {
            return Err("a session was refused: ChrootDirectory needs root".into());
        }
        Ok(Ready {
            login: login.clone(),
            grant,
            from,
            to,
        })
    }

    /// What runs before the program (`do_rc_files`).
    fn first(&self, subsystem: bool) -> Option<Vec<u8>> {
        let home = Path::new(OsStr::from_bytes(&self.login.account.home));
        let own = Some(home.join(".ssh/rc")).filter(|_| self.grant.user_rc && !subsystem);
        let mut files = own.iter().chain(&self.login.system_rc);
        let file = files.find(|f| f.exists())?;
        Some([b"/bin/sh ".as_slice(), &quoted(file.as_os_str().as_bytes())].concat())
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
        let mail = [b"/var/mail/".as_slice(), &account.name].concat();
        set("MAIL", &mail);
        if let Some(zone) = std::env::var_os("TZ") {
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
            set("TERM", &terminal.term);
        }
        if self.grant.forced.is_some()
            && let Some(wish) = wish
        {
            set("SSH_ORIGINAL_COMMAND", wish);
        }
        for pair in &self.grant.set_env {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            set(
                &String::from_utf8_lossy(name),
                value.get(1..).unwrap_or_default(),
            );
        }
        // `environment=` needs PermitUserEnvironment in sshd too, and is not set.
        out
    }
}

/// What a client asks for.
pub(crate) enum Wish {
    Shell,
    Command(Vec<u8>),
    /// The command of a subsystem.
    Subsystem(Vec<u8>),
}

impl Wish {
    /// In a word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Wish::Shell => "shell",
            Wish::Command(_) => "command",
            Wish::Subsystem(_) => "sftp",
        }
    }
}

/// One session channel.
struct Slot {
    /// Bytes for the program.
    input: Arc<Inbox>,
    /// The program's end of `_gone`, until it runs.
    waits: Option<oneshot::Receiver<()>>,
    room: Arc<Room>,
    /// Dropped with the channel.
    _gone: oneshot::Sender<()>,
    terminal: Option<Terminal>,
    environment: Vec<(Vec<u8>, Vec<u8>)>,
    group: Group,
}

impl Drop for Slot {
    fn drop(&mut self) {
        // What had come is still given to the program.
        self.input.end();
    }
}

/// Most variables that a client may set.
const MOST_VARIABLES: usize = 128;
/// Longest value of one.
const LONGEST_VALUE: usize = 4096;

/// The sessions of one connection.
pub(crate) struct Channels {
    ready: Arc<Ready>,
    slots: HashMap<u32, Slot>,
}

impl Channels {
    pub(crate) fn new(ready: Ready) -> Channels {
        Channels {
            ready: Arc::new(ready),
            slots: HashMap::new(),
        }
    }

    /// A new session channel, and what its client takes.
    pub(crate) fn open(&mut self, id: u32, window: u32, most: u32) {
        let (gone, is_gone) = oneshot::channel();
        self.slots.insert(
            id,
            Slot {
                input: Arc::default(),
                waits: Some(is_gone),
                room: Arc::new(Room::new(window, most)),
                _gone: gone,
                terminal: None,
                environment: Vec::new(),
                group: Group::default(),
            },
        );
    }

    pub(crate) fn closed(&mut self, id: u32) {
        self.slots.remove(&id);
    }

    /// `false`: nobody will take them.
    pub(crate) fn data(&self, id: u32, bytes: &[u8]) -> bool {
        self.slots.get(&id).is_some_and(|s| s.input.push(bytes))
    }

    pub(crate) fn eof(&self, id: u32) {
        if let Some(slot) = self.slots.get(&id) {
            slot.input.end();
        }
    }

    pub(crate) fn room(&self, id: u32, more: u32) {
        if let Some(slot) = self.slots.get(&id) {
            slot.room.add(more);
        }
    }

    pub(crate) fn environment(&mut self, id: u32, name: &[u8], value: &[u8]) -> bool {
        let allowed = self.ready.grant.accepts_env(name);
        let plain = !name.contains(&b'=') && !name.contains(&0) && !value.contains(&0);
        match self.slots.get_mut(&id) {
            Some(slot)
                if allowed
                    && plain
                    && value.len() <= LONGEST_VALUE
                    && slot.environment.len() < MOST_VARIABLES =>
            {
                let pair = (name.to_vec(), value.to_vec());
                slot.environment.push(pair);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn terminal(
        &mut self,
        id: u32,
        term: &[u8],
        size: Size,
        modes: &[(u8, u32)],
    ) -> bool {
        if !self.ready.grant.pty || self.ready.login.helper.is_empty() || term.contains(&0) {
            return false;
        }
        let Some(slot) = self.slots.get_mut(&id) else {
            return false;
        };
        if slot.waits.is_none() || slot.terminal.is_some() {
            return false;
        }
        slot.terminal = Terminal::open(term, size, modes).ok();
        slot.terminal.is_some()
    }

    pub(crate) fn resize(&self, id: u32, size: Size) -> bool {
        let terminal = self.slots.get(&id).and_then(|s| s.terminal.as_ref());
        terminal.is_some_and(|t| t.resize(size))
    }

    pub(crate) fn signal(&self, id: u32, name: &[u8]) -> bool {
        self.slots.get(&id).is_some_and(|s| s.group.send(name))
    }

    /// The command of the sftp subsystem.
    pub(crate) fn sftp(&self) -> Option<Vec<u8>> {
        let named = self
            .ready
            .grant
            .sftp
            .as_ref()
            .filter(|c| *c != b"internal-sftp");
        let own = self.ready.login.sftp_server.as_ref();
        named
            .cloned()
            .or_else(|| own.map(|p| p.as_os_str().as_bytes().to_vec()))
    }

    /// Starts what the client asked for, or what is forced instead.
    ///
    /// # Errors
    /// It cannot be started; the words are for the operator.
    pub(crate) fn start(
        &mut self,
        id: u32,
        wish: Wish,
        programs: mpsc::Sender<FromProgram>,
    ) -> Result<(), String> {
        let ready = self.ready.clone();
        let slot = self.slots.get_mut(&id).ok_or("no such channel")?;
        let gone = slot.waits.take().ok_or("a program runs there already")?;
        let subsystem = matches!(wish, Wish::Subsystem(_));
        let wish = match wish {
            Wish::Shell => None,
            Wish::Command(command) | Wish::Subsystem(command) => Some(command),
        };
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
            None => ready.grant.forced.clone().map_or(wish.clone(), |forced| {
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
                program.args(first);
                if let Some(command) = ready.first(subsystem).filter(|_| nologin.is_none()) {
                    program.arg(FIRST).arg(OsString::from_vec(command));
                }
                program.arg(shell).arg(name).args(args);
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
        let line = Line {
            channel: id,
            input: slot.input.clone(),
            gone,
            room: slot.room.clone(),
            programs,
        };
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
                slot.group = Group::of(&child);
                terminal.release();
                let ends = terminal.ends().map_err(failed)?;
                tokio::spawn(with_terminal(child, slot.group.clone(), ends, line));
            }
            None => {
                program
                    .stdin(Stdio::piped())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped());
                let mut program = Command::from(program);
                program.kill_on_drop(true);
                let child = program.spawn().map_err(failed)?;
                slot.group = Group::of(&child);
                if let Some(input) = child.stdin.as_ref().filter(|_| subsystem) {
                    // Where that is not possible it works as well, if more slowly.
                    let _ = fcntl_setpipe_size(input, SFTP_PIPE);
                }
                tokio::spawn(with_pipes(child, slot.group.clone(), line));
            }
        }
        Ok(())
    }
}

/// The size of sftp-server's input pipe, in bytes. In each round it reads up to 16 KiB and answers one
/// request (`sftp_server_main`), so that a client which sends small ones without waiting (PSFTP) fills
/// its memory, and slows it down: a gigabyte took 333 s, with this pipe 29 s.
const SFTP_PIPE: usize = 4096;

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
