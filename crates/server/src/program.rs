//! A program of a session: its bytes to and from the channel, its end, and the end of the channel.

use crate::backlog::Backlog;
use crate::pace::{Pace, Share};
use russh::server::{Handle, Msg};
use russh::{ChannelId, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io;
use std::mem::discriminant;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::process::Child;
use tokio::sync::{Notify, oneshot};

/// The process group of a program, while that runs: a number is given to another process later.
#[derive(Clone, Default)]
pub(crate) struct Group(Arc<Mutex<Option<Pid>>>);

impl Group {
    pub(crate) fn of(child: &Child) -> Group {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Group(Arc::new(Mutex::new(id.and_then(Pid::from_raw))))
    }

    pub(crate) fn send(&self, signal: &Sig) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = SIGNALS
            .iter()
            .find(|(_, name)| discriminant(name) == discriminant(signal));
        if let (Some(group), Some((number, _))) = (*running, known) {
            let _ = kill_process_group(group, *number);
        }
    }

    fn ended(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The channel of a program.
pub(crate) struct Line {
    pub(crate) read: ChannelReadHalf,
    pub(crate) write: ChannelWriteHalf<Msg>,
    pub(crate) handle: Handle,
    pub(crate) id: ChannelId,
    pub(crate) pace: Arc<Pace>,
}

/// One read of a program's output.
const PIECE: usize = 32 * 1024;

/// Output that does not go for so long is held up by the client.
const HELD_UP: Duration = Duration::from_millis(10);

/// Copies until the end of either side.
async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, pace: &Pace) {
    let mut piece = vec![0u8; PIECE];
    loop {
        match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                let Some(read) = piece.get(..n) else { return };
                let written = to.write_all(read);
                tokio::pin!(written);
                let done = match tokio::time::timeout(HELD_UP, &mut written).await {
                    Ok(done) => done,
                    Err(_) => {
                        let _stuck = Stuck::new(pace);
                        written.await
                    }
                };
                if done.is_err() {
                    return;
                }
            }
        }
    }
}

/// A program whose output does not go, for as long as this is there.
struct Stuck<'a>(&'a Pace);

impl<'a> Stuck<'a> {
    fn new(pace: &'a Pace) -> Stuck<'a> {
        pace.stuck(true);
        Stuck(pace)
    }
}

impl Drop for Stuck<'_> {
    fn drop(&mut self) {
        self.0.stuck(false);
    }
}

/// Takes what the client sends as fast as it comes, and gives it to the program as fast as that
/// reads (see [`Backlog`]). `gone` is said at the end of the channel; what had come by then is still
/// given.
async fn feed(
    mut from: ChannelReadHalf,
    mut to: impl AsyncWrite + Unpin,
    gone: oneshot::Sender<()>,
    pace: Arc<Pace>,
) {
    let share = Share::new(pace);
    let waiting = Mutex::new((Backlog::default(), false));
    let lock = || waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let more = Notify::new();
    let take = async {
        loop {
            let data = match from.wait().await {
                Some(ChannelMsg::Data { data }) => data,
                Some(ChannelMsg::Eof | ChannelMsg::Close) | None => break,
                Some(_) => continue,
            };
            share.came(data.len());
            // Where there is no room left, the program's input ends: it gets nothing with a hole.
            if lock().0.push(data).is_err() {
                break;
            }
            more.notify_one();
        }
        lock().1 = true;
        more.notify_one();
        // Whatever follows the end is thrown away: a full channel would hold up the connection.
        while from.wait().await.is_some() {}
        let _ = gone.send(());
    };
    let give = async {
        loop {
            let (next, ended) = {
                let mut queue = lock();
                (queue.0.pop(), queue.1)
            };
            match next {
                Ok(Some(data)) => {
                    let written = to.write_all(&data).await;
                    share.went(data.len());
                    if written.is_err() {
                        break;
                    }
                }
                Ok(None) if ended => break,
                Ok(None) => more.notified().await,
                Err(_) => break,
            }
        }
        let _ = to.shutdown().await;
        drop(to);
        // A program that reads no more does not stop the client from sending.
        loop {
            {
                let mut queue = lock();
                share.went(queue.0.clear());
                if queue.1 {
                    return;
                }
            }
            more.notified().await;
        }
    };
    tokio::join!(take, give);
}

/// Runs to the end of the program or of the channel. A program that outlives its channel goes on as
/// under sshd: nobody reads what it writes, and it is waited for.
pub(crate) async fn with_pipes(mut child: Child, group: Group, line: Line) {
    let Line {
        read,
        write,
        handle,
        id,
        pace,
    } = line;
    let (Some(stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return;
    };
    let (gone, is_gone) = oneshot::channel();
    let feeding = tokio::spawn(feed(read, stdin, gone, pace.clone()));
    let out = pump(stdout, write.make_writer(), &pace);
    let err = pump(stderr, write.make_writer_ext(Some(1)), &pace);
    let said = async { tokio::join!(out, err) };
    tokio::select! {
        _ = said => {}
        _ = is_gone => {}
    }
    let status = child.wait().await;
    group.ended();
    finish(status, &handle, id).await;
    feeding.abort();
}

/// How long a program may take in what had come before its channel ended.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The same on a terminal, which hangs up with its channel: the system sends SIGHUP when the last
/// handle of the network's end is dropped (tty_ioctl(4)).
pub(crate) async fn with_terminal(
    mut child: Child,
    group: Group,
    (output, input): (pipe::Receiver, pipe::Sender),
    line: Line,
) {
    let Line {
        read,
        write,
        handle,
        id,
        pace,
    } = line;
    let (gone, is_gone) = oneshot::channel();
    let mut feeding = tokio::spawn(feed(read, input, gone, pace.clone()));
    tokio::select! {
        () = pump(output, write.make_writer(), &pace) => {}
        _ = is_gone => {
            let _ = tokio::time::timeout(LAST_WORDS, &mut feeding).await;
            feeding.abort();
        }
    }
    let status = child.wait().await;
    group.ended();
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

/// Signals as RFC 4254 §6.10 names them.
const SIGNALS: [(Signal, Sig); 12] = [
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

fn signal_name(number: i32) -> Option<Sig> {
    let mut all = SIGNALS.into_iter();
    let (_, name) = all.find(|(s, _)| s.as_raw() == number)?;
    Some(name)
}
