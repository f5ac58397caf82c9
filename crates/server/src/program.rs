//! A program of a session: its bytes to and from the channel, its end, and the end of the channel.

use crate::flow::{Inbox, Room};
use crate::sessions::FromProgram;
use rustix::process::{Pid, Signal, kill_process_group};
use sshwhy_wire::connection::Exit;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::{mpsc, oneshot};

/// The process group of a program, while that runs: a number is given to another process later.
#[derive(Clone, Default)]
pub(crate) struct Group(Arc<Mutex<Option<Pid>>>);

impl Group {
    pub(crate) fn of(child: &Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Group(Arc::new(Mutex::new(id.and_then(Pid::from_raw))))
    }

    /// Sends the signal of this name, without SIG.
    pub(crate) fn send(&self, signal: &[u8]) -> bool {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = SIGNALS.iter().find(|(_, name)| name.as_bytes() == signal);
        match (*running, known) {
            (Some(group), Some((number, _))) => kill_process_group(group, *number).is_ok(),
            _ => false,
        }
    }

    fn ended(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The channel of a program.
pub(crate) struct Line {
    pub(crate) channel: u32,
    /// What the client sends, to its end.
    pub(crate) input: Arc<Inbox>,
    /// The channel is gone.
    pub(crate) gone: oneshot::Receiver<()>,
    pub(crate) room: Arc<Room>,
    pub(crate) programs: mpsc::Sender<FromProgram>,
}

/// One read of a program's output.
const PIECE: usize = 32 * 1024;

/// Where a program's output goes.
struct Outlet<'a> {
    channel: u32,
    room: &'a Room,
    programs: &'a mpsc::Sender<FromProgram>,
}

impl Outlet<'_> {
    /// Copies until the end of either side.
    async fn pump(&self, mut from: impl AsyncRead + Unpin, stderr: bool) {
        let mut piece = vec![0u8; PIECE];
        loop {
            // No room is held while there is nothing to send: the other stream may need it.
            let mut rest = match from.read(&mut piece).await {
                Ok(0) | Err(_) => return,
                Ok(n) => piece.get(..n).unwrap_or_default(),
            };
            while !rest.is_empty() {
                let room = self.room.take(rest.len()).await;
                let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
                let data = FromProgram::Data {
                    channel: self.channel,
                    stderr,
                    bytes: now.to_vec(),
                };
                if self.programs.send(data).await.is_err() {
                    return;
                }
                rest = later;
            }
        }
    }
}

/// Gives the program what the client sends, as fast as it reads.
async fn feed(
    channel: u32,
    from: Arc<Inbox>,
    mut to: impl AsyncWrite + Unpin,
    programs: mpsc::Sender<FromProgram>,
) {
    while let Some(bytes) = from.next().await {
        let mut taken = bytes.len();
        let closed = to.write_all(&bytes).await.is_err();
        if closed {
            // A program that reads no more does not stop the client from sending.
            taken += from.deafen();
        }
        let taken = FromProgram::Taken {
            channel,
            bytes: taken,
        };
        if programs.send(taken).await.is_err() || closed {
            break;
        }
    }
    let _ = to.shutdown().await;
}

/// Runs to the end of the program or of the channel. A program that outlives its channel goes on as
/// under sshd: nobody reads what it writes, and it is waited for.
pub(crate) async fn with_pipes(mut child: Child, group: Group, line: Line) {
    let Line {
        channel,
        input,
        gone,
        room,
        programs,
    } = line;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return;
    };
    let feeding = tokio::spawn(feed(channel, input, stdin, programs.clone()));
    let outlet = Outlet {
        channel,
        room: &room,
        programs: &programs,
    };
    let said = async { tokio::join!(outlet.pump(stdout, false), outlet.pump(stderr, true)) };
    tokio::select! {
        _ = said => {}
        _ = gone => {}
    }
    finish(child, group, channel, &programs).await;
    feeding.abort();
}

/// How long a program may take in what had come before its channel ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The same on a terminal, which hangs up with its channel: the system sends SIGHUP when the last
/// handle of the network's end is dropped (tty_ioctl(4)).
pub(crate) async fn with_terminal(
    child: Child,
    group: Group,
    (from_terminal, to_terminal): (pipe::Receiver, pipe::Sender),
    line: Line,
) {
    let Line {
        channel,
        input,
        gone,
        room,
        programs,
    } = line;
    let mut feeding = tokio::spawn(feed(channel, input, to_terminal, programs.clone()));
    let outlet = Outlet {
        channel,
        room: &room,
        programs: &programs,
    };
    tokio::select! {
        () = outlet.pump(from_terminal, false) => {}
        _ = gone => {
            let _ = tokio::time::timeout(LAST_WORDS, &mut feeding).await;
            feeding.abort();
        }
    }
    finish(child, group, channel, &programs).await;
    feeding.abort();
}

/// Waits for the program, and says how it ended.
async fn finish(
    mut child: Child,
    group: Group,
    channel: u32,
    programs: &mpsc::Sender<FromProgram>,
) {
    let exit = exit(child.wait().await);
    group.ended();
    let _ = programs.send(FromProgram::Ended { channel, exit }).await;
}

/// How a program ended (RFC 4254 §6.10).
fn exit(status: io::Result<ExitStatus>) -> Exit {
    let Ok(status) = status else {
        return Exit::Status(255);
    };
    match status.signal().and_then(signal_name) {
        Some(signal) => Exit::Signal(signal, status.core_dumped()),
        None => {
            let code = status.code().and_then(|c| u32::try_from(c).ok());
            Exit::Status(code.unwrap_or(255))
        }
    }
}

/// Signals as RFC 4254 §6.10 names them.
const SIGNALS: [(Signal, &str); 13] = [
    (Signal::ABORT, "ABRT"),
    (Signal::ALARM, "ALRM"),
    (Signal::FPE, "FPE"),
    (Signal::HUP, "HUP"),
    (Signal::ILL, "ILL"),
    (Signal::INT, "INT"),
    (Signal::KILL, "KILL"),
    (Signal::PIPE, "PIPE"),
    (Signal::QUIT, "QUIT"),
    (Signal::SEGV, "SEGV"),
    (Signal::TERM, "TERM"),
    (Signal::USR1, "USR1"),
    (Signal::USR2, "USR2"),
];

fn signal_name(number: i32) -> Option<&'static str> {
    let mut all = SIGNALS.into_iter();
    let (_, name) = all.find(|(s, _)| s.as_raw() == number)?;
    Some(name)
}
