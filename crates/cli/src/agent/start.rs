//! `sshwhy agent start`, `sshwhy agent stop`

use super::args::{Shell, Start, Stop};
use super::found::PATIENCE;
use super::who;
use crate::args::Format;
use crate::failure::Failure;
use crate::output;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process, setsid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use sshwhy_agent::ask::SystemAsk;
use sshwhy_agent::socket::{Socket, SocketError, default_path};
use sshwhy_agent::{Server, Settings, Signals, Store, find, harden};
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

fn fail(what: &str) -> impl Fn(io::Error) -> Failure {
    move |e| {
        Failure::new(
            what,
            e.to_string(),
            "see sshwhy agent start --help for other places and ways",
        )
    }
}

fn no_socket(e: &SocketError) -> Failure {
    let help = match e {
        SocketError::InUse(_) => "use it, or end it: sshwhy agent stop --socket PATH",
        SocketError::Directory { .. } => "name a socket in a directory of your own: chmod 700 it",
        _ => "name another place: --socket PATH",
    };
    Failure::new("cannot listen", e.to_string(), help)
}

/// `sshwhy agent start`
pub(super) fn run(args: &Start) -> Result<u8, Failure> {
    if args.exec.is_some() && args.run().is_empty() {
        return Err(Failure::new(
            "no command",
            "--exec names none",
            "name it: sshwhy agent start --exec CMD, or behind --",
        ));
    }
    let env = |name: &str| std::env::var_os(name);
    let socket = match Socket::inherited(env) {
        Some(socket) => Some(socket.map_err(|e| no_socket(&e))?),
        None => None,
    };
    let here = args.foreground || args.behind || !args.run().is_empty() || socket.is_some();
    if here {
        // Keys pass through code for large numbers that does not wipe what it leaves.
        crate::wipe::begin();
    }
    let path = match (&socket, &args.socket) {
        (Some(_), _) => PathBuf::new(),
        (None, Some(path)) => std::path::absolute(path).map_err(fail("cannot listen"))?,
        (None, None) => {
            let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            default_path(runtime.as_deref()).map_err(|e| no_socket(&e))?
        }
    };
    if !here {
        return behind(args, &path);
    }
    let socket = match socket {
        Some(socket) => socket,
        None => Socket::bind(&path).map_err(|e| no_socket(&e))?,
    };
    serve(args, &socket)
}

/// Starts the agent behind this process, and prints how to reach it.
fn behind(args: &Start, path: &Path) -> Result<u8, Failure> {
    let exe = std::env::current_exe().map_err(fail("cannot start"))?;
    let mut command = Command::new(exe);
    command
        .args(["agent", "start", "--behind", "--socket"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    for (option, value) in [
        ("--lifetime", args.lifetime),
        ("--reencrypt", args.reencrypt),
    ] {
        if let Some(seconds) = value {
            command.arg(option).arg(seconds.to_string());
        }
    }
    let mut child = command.spawn().map_err(fail("cannot start"))?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out)
            .read_line(&mut line)
            .map_err(fail("cannot start"))?;
    }
    let Ok(pid) = line.trim().parse::<u32>() else {
        // It has said why on standard error.
        let _ = child.wait();
        return Ok(2);
    };
    output::print(&args.common, 0, |out| {
        write_lines(args, path.as_os_str().as_bytes(), pid, out)
    })
}

fn write_lines(args: &Start, path: &[u8], pid: u32, out: &mut dyn Write) -> io::Result<()> {
    if args.common.format == Format::Json {
        let shown = sshwhy_report::safe::json(path);
        return sshwhy_report::json::write(&super::json::Started::new(shown, pid), out);
    }
    let path = sshwhy_causes::template::quote(path).unwrap_or_else(|| b"''".to_vec());
    let path = String::from_utf8_lossy(&path);
    match shell(args.shell) {
        Shell::Sh => write!(
            out,
            "SSH_AUTH_SOCK={path}; export SSH_AUTH_SOCK;\nSSH_AGENT_PID={pid}; export \
             SSH_AGENT_PID;\necho Agent pid {pid};\n"
        ),
        Shell::Csh => write!(
            out,
            "setenv SSH_AUTH_SOCK {path};\nsetenv SSH_AGENT_PID {pid};\necho Agent pid {pid};\n"
        ),
        Shell::Fish => write!(
            out,
            "set -gx SSH_AUTH_SOCK {path};\nset -gx SSH_AGENT_PID {pid};\necho Agent pid {pid};\n"
        ),
    }
}

fn shell(given: Option<Shell>) -> Shell {
    given.unwrap_or_else(|| {
        let shell = std::env::var_os("SHELL").unwrap_or_default();
        match Path::new(&shell).file_name().and_then(OsStr::to_str) {
            Some("fish") => Shell::Fish,
            Some(name) if name.ends_with("csh") => Shell::Csh,
            _ => Shell::Sh,
        }
    })
}

/// Serves in this process until a signal, or until the command has ended.
fn serve(args: &Start, socket: &Socket) -> Result<u8, Failure> {
    let seconds = |s: u32| Duration::from_secs(s.into());
    let settings = Settings {
        lifetime: args.lifetime.map(seconds),
        reencrypt: args.reencrypt.map(seconds),
    };
    let cannot = fail("cannot serve");
    let (end_in, end_out) = UnixStream::pair().map_err(&cannot)?;
    let (drop_in, drop_out) = UnixStream::pair().map_err(&cannot)?;
    drop_in.set_nonblocking(true).map_err(&cannot)?;
    let notes = |signal, to: &UnixStream| -> io::Result<()> {
        signal_hook::low_level::pipe::register(signal, to.try_clone()?).map(drop)
    };
    for signal in [SIGTERM, SIGHUP] {
        notes(signal, &end_out).map_err(&cannot)?;
    }
    notes(SIGUSR1, &drop_out).map_err(&cannot)?;
    if args.foreground && args.run().is_empty() {
        notes(SIGINT, &end_out).map_err(&cannot)?;
    } else {
        // A key press at the terminal is for the command.
        let ignored = Arc::new(std::sync::atomic::AtomicBool::new(false));
        signal_hook::flag::register(SIGINT, ignored).map_err(&cannot)?;
    }
    let waiter = command(args, socket, &end_out)?;
    // From here on there are limits that the command shall not have.
    let held = harden::harden();
    let open_files = harden::raise_open_files();
    output::progress(&args.common, || {
        format!(
            "memory {} kept out of swap, {} out of core images",
            if held.locked { "is" } else { "is not" },
            if held.not_dumpable { "is" } else { "is not" }
        )
    });
    let terminal = args.foreground && !args.behind;
    let ask = SystemAsk::from_env(|name| std::env::var_os(name), terminal);
    let mut server =
        Server::new(Store::new(settings), Arc::new(ask), open_files).map_err(&cannot)?;
    if args.behind {
        detach().map_err(&cannot)?;
    } else if waiter.is_none() {
        let path = socket.path().as_os_str().as_bytes();
        output::print(&args.common, 0, |out| {
            write_lines(args, path, std::process::id(), out)
        })?;
    }
    let signals = Signals {
        end: end_in.as_fd(),
        drop_keys: Some(&drop_in),
    };
    server.run(&socket.listener, &signals).map_err(&cannot)?;
    drop(server);
    let code = waiter.and_then(|w| w.join().ok()).unwrap_or(0);
    Ok(code)
}

/// Starts the command of `--exec`, and a thread that waits for its end.
fn command(
    args: &Start,
    socket: &Socket,
    end: &UnixStream,
) -> Result<Option<std::thread::JoinHandle<u8>>, Failure> {
    let words = args.run();
    let Some((program, rest)) = words.split_first() else {
        return Ok(None);
    };
    let mut command = Command::new(program);
    command
        .args(rest)
        .env("SSH_AUTH_SOCK", socket.path())
        .env("SSH_AGENT_PID", std::process::id().to_string());
    let mut child = command.spawn().map_err(|e| {
        Failure::new(
            format!("cannot run {}", Path::new(program).display()),
            e.to_string(),
            "name a command that is there",
        )
    })?;
    let mut end = end.try_clone().map_err(fail("cannot serve"))?;
    Ok(Some(std::thread::spawn(move || {
        let status = child.wait();
        // The agent ends by itself where nobody reads this any more.
        let _ = end.write_all(&[1]);
        let code = status.ok().and_then(|s| s.code()).unwrap_or(2);
        u8::try_from(code).unwrap_or(2)
    })))
}

/// Leaves the session, the directory and the descriptors of whoever started us, and says that we
/// are ready.
fn detach() -> io::Result<()> {
    // It may lead a session already.
    let _ = setsid();
    std::env::set_current_dir("/")?;
    let mut out = io::stdout();
    writeln!(out, "{}", std::process::id())?;
    out.flush()?;
    let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}

/// `sshwhy agent stop`
pub(super) fn stop(args: &Stop) -> Result<u8, Failure> {
    let path = super::socket_path(&args.which).ok_or_else(|| {
        Failure::new(
            "no agent to end",
            "SSH_AUTH_SOCK is not set",
            "name its socket: --socket PATH",
        )
    })?;
    let find::State::Listens(stream) = find::open(&path, Some(PATIENCE)) else {
        return output::print(&args.common, 1, |out| {
            writeln!(out, "echo no agent answers;")
        });
    };
    let peer = rustix::net::sockopt::socket_peercred(&stream)
        .map_err(|e| fail("cannot tell whose socket it is")(e.into()))?;
    let Some(process) = who::process(&path, Some(peer.pid)) else {
        return Err(Failure::new(
            "this agent is not ended here",
            "its process cannot be told: whoever made the socket has ended, and several agents run",
            "name it: SSH_AGENT_PID beside SSH_AUTH_SOCK, or end it with kill",
        ));
    };
    if !is_ours_to_end(&process, stream) {
        let found = String::from_utf8_lossy(&process.name).into_owned();
        return Err(Failure::new(
            "this agent is not ended here",
            format!("expected sshwhy or ssh-agent behind the socket, found {found}"),
            "end it by its own means",
        ));
    }
    end(process.pid)?;
    let pid = process.pid.as_raw_nonzero();
    for _ in 0..100 {
        if !matches!(find::open(&path, None), find::State::Listens(_)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if matches!(find::open(&path, None), find::State::Listens(_)) {
        return Err(Failure::new(
            "an agent answers still",
            format!("process {pid} was told to end, and the socket is answered"),
            "look which process it is: sshwhy agent list",
        ));
    }
    output::print(&args.common, 0, |out| match shell(args.shell) {
        Shell::Sh => write!(
            out,
            "unset SSH_AUTH_SOCK;\nunset SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
        ),
        Shell::Csh => write!(
            out,
            "unsetenv SSH_AUTH_SOCK;\nunsetenv SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
        ),
        Shell::Fish => write!(
            out,
            "set -e SSH_AUTH_SOCK;\nset -e SSH_AGENT_PID;\necho Agent pid {pid} killed;\n"
        ),
    })
}

/// Whether it is an agent that ends on SIGTERM and wipes its keys: ssh-agent, or ours under whatever
/// name, which it tells unless it is locked.
fn is_ours_to_end(process: &who::Process, stream: UnixStream) -> bool {
    if matches!(process.name.as_slice(), b"sshwhy" | b"ssh-agent") {
        return true;
    }
    let own = std::fs::read("/proc/self/comm").unwrap_or_default();
    let told = || {
        sshwhy_agent::Client::new(stream)
            .patient(PATIENCE)
            .extensions()
    };
    own.trim_ascii() == process.name
        || matches!(told(), Ok(Some(names))
            if names.iter().any(|n| n == sshwhy_agent::extension::LIST_CONSTRAINTS))
}

fn end(pid: Pid) -> Result<(), Failure> {
    kill_process(pid, Signal::TERM).map_err(|e| fail("cannot end the agent")(e.into()))
}
