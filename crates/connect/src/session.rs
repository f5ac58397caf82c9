//! One session: a shell or a command, its terminal, and what it ends with.

use crate::ask::{Ask, Notice};
use crate::escape::{Escapes, Want};
use crate::modes;
use crate::route::Connection;
use crate::stdio::{self, Output};
use crate::terminal::{self, Raw};
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Disconnect, Sig};
use rustix::process::{Signal, getpid, kill_process};
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// What is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The login shell.
    Shell,
    /// A command line, for the user's shell.
    Command(Vec<u8>),
    /// A subsystem by its name.
    Subsystem(Vec<u8>),
}

/// What is wished.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What is started.
    pub start: Start,
    /// With a terminal at the server's end; raw here, if there is one here.
    pub terminal: bool,
    /// TERM, there.
    pub term: String,
    /// Variables for the server, which takes those it likes.
    pub env: Vec<(String, String)>,
    /// The socket of the agent that is forwarded, if one is.
    pub agent: Option<PathBuf>,
    /// The escape character, where there is a terminal.
    pub escape: Option<u8>,
    /// Standard input is not read.
    pub no_input: bool,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `exit-status`.
    Exit(u32),
    /// `exit-signal`: its name without SIG, whether it left a core, and the server's words.
    Signal(String, bool, String),
    /// The channel closed without either.
    Silent,
    /// The server refused what was wished: what.
    Refused(String),
    /// The connection ended: the server's words, where it had any.
    Lost(Option<String>),
    /// The person ended it with `~.`.
    Ended,
    /// A signal to this process.
    Interrupted(i32),
    /// Nobody reads standard output any more.
    BrokenPipe,
    /// This machine: why.
    System(String),
}

type Writer = ChannelWriteHalf<Msg>;

/// Opens the session, and carries bytes until its end.
pub(crate) async fn run(connection: &Connection, wish: &Wish, ask: &Arc<dyn Ask>) -> Outcome {
    let outcome = match begin(connection, wish, ask).await {
        Ok(begun) => {
            let raw = begun.raw;
            let outcome = carry(connection, wish, ask, begun.read, begun.write, begun.early).await;
            drop(raw);
            outcome
        }
        Err(outcome) => outcome,
    };
    let handle = &connection.handle;
    let bye = handle.disconnect(Disconnect::ByApplication, "", "");
    // Politeness has its limit.
    let _ = tokio::time::timeout(Duration::from_millis(200), bye).await;
    outcome
}

struct Begun {
    read: ChannelReadHalf,
    write: Writer,
    early: VecDeque<ChannelMsg>,
    raw: Option<Raw>,
}

/// Waits for the answer to a request; data that comes first is kept.
async fn answer(read: &mut ChannelReadHalf, early: &mut VecDeque<ChannelMsg>) -> Option<bool> {
    loop {
        match read.wait().await? {
            ChannelMsg::Success => return Some(true),
            ChannelMsg::Failure => return Some(false),
            other => early.push_back(other),
        }
    }
}

async fn begin(connection: &Connection, wish: &Wish, ask: &Arc<dyn Ask>) -> Result<Begun, Outcome> {
    let lost = || Outcome::Lost(connection.seen.disconnect());
    let channel = match connection.handle.channel_open_session().await {
        Ok(channel) => channel,
        Err(russh::Error::ChannelOpenFailure(why)) => {
            return Err(Outcome::Refused(format!(
                "the server opens no session: {why:?}"
            )));
        }
        Err(_) => return Err(lost()),
    };
    let (mut read, write) = channel.split();
    let mut early = VecDeque::new();
    if wish.agent.is_some() {
        write.agent_forward(false).await.map_err(|_| lost())?;
    }
    let mut raw = None;
    if wish.terminal {
        let (columns, rows, x, y) = terminal::size();
        let modes = terminal::modes().map_or(Vec::new(), |m| modes::encoded(&m));
        write
            .request_pty(true, &wish.term, columns, rows, x, y, &modes)
            .await
            .map_err(|_| lost())?;
        if answer(&mut read, &mut early).await.ok_or_else(lost)? {
            if terminal::is_here() {
                raw = Raw::enter();
            }
        } else {
            ask.tell(&Notice::NoTerminal);
        }
    }
    for (name, value) in &wish.env {
        write
            .set_env(false, name.as_str(), value.as_str())
            .await
            .map_err(|_| lost())?;
    }
    let (sent, what) = match &wish.start {
        Start::Shell => (write.request_shell(true).await, "a shell".to_owned()),
        Start::Command(line) => (
            write.exec(true, line.as_slice()).await,
            "the command".to_owned(),
        ),
        Start::Subsystem(name) => {
            let name = String::from_utf8_lossy(name).into_owned();
            let what = format!("the subsystem {name}");
            (write.request_subsystem(true, name).await, what)
        }
    };
    sent.map_err(|_| lost())?;
    if !answer(&mut read, &mut early).await.ok_or_else(lost)? {
        return Err(Outcome::Refused(format!("the server refuses {what}")));
    }
    Ok(Begun {
        read,
        write,
        early,
        raw,
    })
}

/// Carries bytes both ways until one side ends it.
async fn carry(
    connection: &Connection,
    wish: &Wish,
    ask: &Arc<dyn Ask>,
    read: ChannelReadHalf,
    write: Writer,
    early: VecDeque<ChannelMsg>,
) -> Outcome {
    let here = wish.terminal && terminal::is_here();
    let outcome = tokio::select! {
        outcome = output(connection, read, early) => outcome,
        outcome = input(wish, &write, here, ask) => outcome,
        outcome = signals(&write, here) => outcome,
    };
    if !matches!(outcome, Outcome::Lost(_)) {
        let _ = tokio::time::timeout(Duration::from_millis(200), write.close()).await;
    }
    outcome
}

/// What the server sends, written until the channel closes.
async fn output(
    connection: &Connection,
    mut read: ChannelReadHalf,
    mut early: VecDeque<ChannelMsg>,
) -> Outcome {
    let opened = Output::to(rustix::stdio::stdout())
        .and_then(|out| Ok((out, Output::to(rustix::stdio::stderr())?)));
    let (mut out, mut err) = match opened {
        Ok(both) => both,
        Err(e) => return Outcome::System(e.to_string()),
    };
    let mut end = None;
    let (mut closed, mut read_on) = (false, true);
    while read_on {
        let message = match early.pop_front() {
            Some(message) => message,
            None => match read.wait().await {
                Some(message) => message,
                None => break,
            },
        };
        match message {
            ChannelMsg::Data { data } => {
                read_on = out.write(data).await;
            }
            ChannelMsg::ExtendedData { data, ext: 1 } => {
                err.write(data).await;
            }
            ChannelMsg::ExitStatus { exit_status } => end = Some(Outcome::Exit(exit_status)),
            ChannelMsg::ExitSignal {
                signal_name,
                core_dumped,
                error_message,
                ..
            } => {
                end = Some(Outcome::Signal(
                    name(&signal_name),
                    core_dumped,
                    error_message,
                ));
            }
            ChannelMsg::Close => {
                closed = true;
                break;
            }
            _ => {}
        }
    }
    let written = tokio::task::block_in_place(|| {
        let written = out.finish();
        let _ = err.finish();
        written
    });
    match (written, end) {
        (Err(e), _) if e.kind() == io::ErrorKind::BrokenPipe => Outcome::BrokenPipe,
        (Err(e), _) => Outcome::System(format!("standard output: {e}")),
        (Ok(()), Some(end)) => end,
        (Ok(()), None) if closed => Outcome::Silent,
        (Ok(()), None) => Outcome::Lost(connection.seen.disconnect()),
    }
}

fn name(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => name.clone(),
        known => format!("{known:?}"),
    }
}

/// Standard input to the server. Ends only where the person wants it.
async fn input(wish: &Wish, write: &Writer, here: bool, ask: &Arc<dyn Ask>) -> Outcome {
    if !wish.no_input {
        match stdio::input() {
            Ok(mut from) => {
                let mut escapes = Escapes::new(wish.escape.filter(|_| here));
                while let Some(piece) = from.recv().await {
                    let (send, wants) = if here {
                        escapes.read(&piece)
                    } else {
                        (piece, Vec::new())
                    };
                    if write.data_bytes(send).await.is_err() {
                        // What the server said last is still to be written.
                        return std::future::pending().await;
                    }
                    for want in wants {
                        match want {
                            Want::End => return Outcome::Ended,
                            Want::Suspend => suspend(),
                            Want::Help => ask.tell(&Notice::Escapes),
                        }
                    }
                }
            }
            Err(e) => return Outcome::System(e.to_string()),
        }
    }
    let _ = write.eof().await;
    std::future::pending().await
}

/// Stops this process as a shell's ^Z does, and takes the terminal again afterwards.
fn suspend() {
    terminal::restore();
    let _ = kill_process(getpid(), Signal::TSTP);
    if let Some(raw) = Raw::enter() {
        // The session's own guard gives it back.
        std::mem::forget(raw);
    }
}

/// Window changes to the server; signals that would leave the terminal raw end the session first.
async fn signals(write: &Writer, here: bool) -> Outcome {
    if !here {
        return std::future::pending().await;
    }
    let both = (
        signal(SignalKind::window_change()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::quit()),
    );
    let (Ok(mut window), Ok(mut term), Ok(mut hup), Ok(mut int), Ok(mut quit)) = both else {
        return Outcome::System("signals cannot be waited for".into());
    };
    loop {
        tokio::select! {
            _ = window.recv() => {
                let (columns, rows, x, y) = terminal::size();
                if write.window_change(columns, rows, x, y).await.is_err() {
                    return std::future::pending().await;
                }
            }
            _ = term.recv() => return Outcome::Interrupted(SignalKind::terminate().as_raw_value()),
            _ = hup.recv() => return Outcome::Interrupted(SignalKind::hangup().as_raw_value()),
            _ = int.recv() => return Outcome::Interrupted(SignalKind::interrupt().as_raw_value()),
            _ = quit.recv() => return Outcome::Interrupted(SignalKind::quit().as_raw_value()),
        }
    }
}
