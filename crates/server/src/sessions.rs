//! One connection behind its login: bytes between the stream and the programs of its sessions.
//!
//! **Invariant:** nothing is waited for alone. Reading goes on while writing cannot, and the other way
//! round; what a client sends waits within its window, and what programs write waits with them.

use crate::What;
use crate::login::{Channels, Ready, Wish};
use crate::parent::Here;
use crate::talk::{Ended, Talk};
use sshwhy_wire::connection::{Connection, ConnectionEvent, Exit, SessionRequest};
use sshwhy_wire::data::msg;
use sshwhy_wire::server::ServerEvent;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;
/// From so many bytes on that wait to be written, programs wait.
const ENOUGH: usize = 256 << 10;
/// From so many bytes on the client is not listened to: it does not read its answers.
const MOST: usize = 4 << 20;
/// A client that says nothing for so long is asked for a sign of life.
const QUIET: Duration = Duration::from_secs(60);
/// So many times without an answer, and it is gone.
const UNANSWERED: u32 = 3;
/// Messages of programs that may wait.
const WAITING: usize = 16;

/// What comes from the programs.
pub(crate) enum FromProgram {
    /// Output; the client has room for it.
    Data {
        channel: u32,
        stderr: bool,
        bytes: Vec<u8>,
    },
    /// So many bytes of its input are taken.
    Taken { channel: u32, bytes: usize },
    /// It ended.
    Ended { channel: u32, exit: Exit },
}

/// Bytes that wait to be written.
#[derive(Default)]
struct Outgoing {
    bytes: Vec<u8>,
    written: usize,
}

impl Outgoing {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.written..).unwrap_or_default()
    }

    fn push(&mut self, more: Vec<u8>) {
        if more.is_empty() {
            return;
        }
        if self.rest().is_empty() {
            self.bytes = more;
        } else {
            self.bytes.drain(..self.written);
            self.bytes.extend_from_slice(&more);
        }
        self.written = 0;
    }

    fn went(&mut self, bytes: usize) {
        self.written += bytes;
        if self.rest().is_empty() {
            // A connection without traffic holds no memory for it.
            *self = Outgoing::default();
        }
    }
}

struct Sessions<'a> {
    here: &'a Here,
    connection: Connection,
    /// `None`: a login without sessions.
    channels: Option<Channels>,
    programs: mpsc::Sender<FromProgram>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Serves sessions to the end of the connection.
    pub(crate) async fn sessions(
        &mut self,
        here: &Here,
        ready: Option<Box<Ready>>,
    ) -> Result<(), Ended> {
        let most = here.config.limits.sessions;
        let (programs, mut from_programs) = mpsc::channel(WAITING);
        let mut sessions = Sessions {
            here,
            connection: Connection::new(ready.as_ref().map_or(0, |_| most)),
            channels: ready.map(|ready| Channels::new(*ready)),
            programs,
        };
        let mut chunk = vec![0u8; CHUNK];
        let mut out = Outgoing::default();
        let mut quiet = (Instant::now() + QUIET, 0);
        loop {
            while let Some(event) = self.wire.next_event() {
                match event {
                    ServerEvent::Sign {
                        key,
                        algorithm,
                        hash,
                    } => self.sign(key, algorithm, hash).await?,
                    // RFC 4252 §5.1: requests that came with the one that succeeded are passed over.
                    ServerEvent::Message(payload)
                        if payload.first().is_none_or(|n| *n < msg::GLOBAL_REQUEST) => {}
                    ServerEvent::Message(payload) => sessions
                        .connection
                        .message(&payload)
                        .map_err(Ended::Protocol)?,
                    _ => {}
                }
                self.answer(&mut sessions)?;
            }
            out.push(self.wire.take_output());
            if self.wire.is_disconnected() {
                return Ok(());
            }
            let waiting = out.rest().len();
            let (mut read, mut write) = tokio::io::split(&mut self.stream);
            let mut said = None;
            tokio::select! {
                came = read.read(&mut chunk), if waiting < MOST => {
                    let came = came.map_err(Ended::Io)?;
                    if came == 0 {
                        return Ok(());
                    }
                    quiet = (Instant::now() + QUIET, 0);
                    self.wire
                        .feed(chunk.get(..came).unwrap_or_default())
                        .map_err(Ended::Protocol)?;
                }
                went = write.write(out.rest()), if waiting > 0 => {
                    out.went(went.map_err(Ended::Io)?);
                }
                one = from_programs.recv(), if waiting < ENOUGH && self.wire.is_ready() => {
                    said = one;
                }
                () = tokio::time::sleep_until(quiet.0) => {
                    if quiet.1 >= UNANSWERED {
                        return Err(Ended::Silent);
                    }
                    quiet = (Instant::now() + QUIET, quiet.1 + 1);
                    sessions.connection.alive();
                    self.answer(&mut sessions)?;
                }
            }
            // What waits with it goes in the same write.
            let mut sum = waiting;
            while let Some(one) = said {
                sum += sessions.said(one);
                self.answer(&mut sessions)?;
                said = if sum < ENOUGH && self.wire.is_ready() {
                    from_programs.try_recv().ok()
                } else {
                    None
                };
            }
        }
    }

    /// Does what became of the connection's messages, and sends what it answers.
    fn answer(&mut self, sessions: &mut Sessions<'_>) -> Result<(), Ended> {
        while let Some(event) = sessions.connection.next_event() {
            if let Some(began) = sessions.event(event) {
                sessions.here.say(&self.about, began);
            }
        }
        while let Some(message) = sessions.connection.next_output() {
            self.wire.send(&message).map_err(Ended::Protocol)?;
        }
        Ok(())
    }
}

impl Sessions<'_> {
    /// What a program says goes to its client; gives back how many bytes that were.
    fn said(&mut self, one: FromProgram) -> usize {
        match one {
            FromProgram::Data {
                channel,
                stderr,
                bytes,
            } => {
                // Its sender counts what the client has room for, as the connection does.
                let fits = self.connection.data(channel, stderr, &bytes);
                debug_assert!(fits, "output beyond the window");
                bytes.len()
            }
            FromProgram::Taken { channel, bytes } => {
                self.connection.taken(channel, bytes);
                0
            }
            FromProgram::Ended { channel, exit } => {
                self.connection.end(channel, &exit);
                0
            }
        }
    }

    /// What the operator hears of it.
    fn event(&mut self, event: ConnectionEvent) -> Option<What> {
        let channels = self.channels.as_mut()?;
        match event {
            ConnectionEvent::Opened {
                channel,
                window,
                most,
            } => channels.open(channel, window, most),
            ConnectionEvent::Data { channel, bytes } => {
                let heard = channels.data(channel, &bytes);
                if !heard {
                    // A program that reads no more does not stop the client from sending.
                    self.connection.taken(channel, bytes.len());
                }
            }
            ConnectionEvent::Eof(channel) => channels.eof(channel),
            ConnectionEvent::Room { channel, more } => channels.room(channel, more),
            ConnectionEvent::Closed(channel) => channels.closed(channel),
            ConnectionEvent::Asked {
                channel,
                request,
                answer,
            } => {
                let (done, said) = self.asked(channel, request);
                if answer {
                    self.connection.answer(channel, done);
                }
                return said;
            }
            _ => {}
        }
        None
    }

    /// Whether it was done, and what the operator hears of it.
    fn asked(&mut self, channel: u32, request: SessionRequest) -> (bool, Option<What>) {
        let Some(channels) = self.channels.as_mut() else {
            return (false, None);
        };
        let wish = match request {
            SessionRequest::Environment { name, value } => {
                return (channels.environment(channel, &name, &value), None);
            }
            SessionRequest::Terminal { term, size, modes } => {
                return (channels.terminal(channel, &term, size, &modes), None);
            }
            SessionRequest::Resize(size) => return (channels.resize(channel, size), None),
            SessionRequest::Signal(name) => return (channels.signal(channel, &name), None),
            SessionRequest::Shell => Wish::Shell,
            SessionRequest::Command(command) => Wish::Command(command),
            SessionRequest::Subsystem(name) => match channels.sftp().filter(|_| name == b"sftp") {
                Some(command) => Wish::Subsystem(command),
                None => return (false, None),
            },
        };
        let kind = wish.word();
        match channels.start(channel, wish, self.programs.clone()) {
            Ok(()) => (true, Some(What::Session(kind))),
            Err(why) => (false, Some(What::Broken(why))),
        }
    }
}
