//! One connection to the agent.

use crate::ask::Client;
use crate::protocol::{BadLength, Framer, MAX_MESSAGE, Response, framed};
use crate::session::Session;
use rustix::net::sockopt::socket_peercred;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;
use zeroize::{Zeroize, Zeroizing};

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Read,
    Write,
    Wait,
    End,
}

pub(crate) struct Connection {
    stream: UnixStream,
    client: Client,
    session: Session,
    framer: Framer,
    /// Bytes of later requests.
    left: Zeroizing<Vec<u8>>,
    out: Zeroizing<Vec<u8>>,
    written: usize,
    ending: bool,
    /// The other end has said all it has to say.
    closed: bool,
    /// A request is in work.
    pub(crate) busy: bool,
    pub(crate) last_active: Instant,
    pub(crate) requests: u64,
}

impl Connection {
    /// `None`: the other end is another user's process (root's excepted), or cannot be told.
    pub(crate) fn new(stream: UnixStream) -> Option<Connection> {
        let peer = socket_peercred(&stream).ok()?;
        if !peer.uid.is_root() && peer.uid != rustix::process::getuid() {
            return None;
        }
        stream.set_nonblocking(true).ok()?;
        Some(Connection {
            stream,
            client: Client {
                pid: Some(peer.pid.as_raw_nonzero().get()),
                name: Vec::new(),
            },
            session: Session::new(),
            framer: Framer::new(),
            left: Zeroizing::new(Vec::new()),
            out: Zeroizing::new(Vec::new()),
            written: 0,
            ending: false,
            closed: false,
            busy: false,
            last_active: Instant::now(),
            requests: 0,
        })
    }

    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }

    pub(crate) fn wants(&self) -> Fate {
        if self.written < self.out.len() {
            Fate::Write
        } else if self.ending || (self.closed && !self.busy) {
            Fate::End
        } else if self.busy {
            Fate::Wait
        } else {
            Fate::Read
        }
    }

    /// Writes what is left to write, or reads once. False: it is over.
    pub(crate) fn transfer(&mut self, buffer: &mut [u8]) -> bool {
        match self.wants() {
            Fate::Write => self.flush(),
            Fate::Wait => true,
            Fate::End => false,
            Fate::Read => match self.stream.read(buffer) {
                Ok(0) => {
                    self.closed = true;
                    true
                }
                Ok(n) => {
                    let got = buffer.get_mut(..n).unwrap_or_default();
                    self.keep(got);
                    got.zeroize();
                    self.last_active = Instant::now();
                    true
                }
                Err(e) => matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
            },
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let mut all = Zeroizing::new(Vec::with_capacity(self.left.len() + bytes.len()));
        all.extend_from_slice(&self.left);
        all.extend_from_slice(bytes);
        self.left = all;
    }

    /// The next whole request. Nothing while an answer is on its way.
    pub(crate) fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, BadLength> {
        if self.busy || self.ending || self.written < self.out.len() || self.left.is_empty() {
            return Ok(None);
        }
        let left = std::mem::take(&mut self.left);
        let mut input: &[u8] = &left;
        let message = self.framer.feed(&mut input)?;
        if !input.is_empty() {
            self.left = Zeroizing::new(input.to_vec());
        }
        if message.is_some() {
            self.requests = self.requests.saturating_add(1);
            self.last_active = Instant::now();
        }
        Ok(message)
    }

    /// What the connection is used for, and by whom.
    pub(crate) fn parts(&mut self) -> (&mut Session, &Client) {
        if self.client.name.is_empty()
            && let Some(pid) = self.client.pid
        {
            let name = std::fs::read(format!("/proc/{pid}/comm")).unwrap_or_default();
            self.client.name = match name.trim_ascii() {
                [] => b"?".to_vec(),
                name => name.to_vec(),
            };
        }
        (&mut self.session, &self.client)
    }

    pub(crate) fn reply(&mut self, response: &Response) {
        let message = response.write();
        let fits = message.len() <= MAX_MESSAGE;
        self.out = if fits {
            framed(&message)
        } else {
            framed(&Response::Failure.write())
        };
        self.written = 0;
    }

    pub(crate) fn reply_and_end(&mut self, response: &Response) {
        self.reply(response);
        self.ending = true;
    }

    /// Writes as much as goes. False: the other end is gone.
    pub(crate) fn flush(&mut self) -> bool {
        while let Some(rest) = self.out.get(self.written..).filter(|r| !r.is_empty()) {
            match self.stream.write(rest) {
                Ok(n) => self.written = self.written.saturating_add(n),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return e.kind() == ErrorKind::WouldBlock,
            }
        }
        self.out = Zeroizing::new(Vec::new());
        self.written = 0;
        true
    }
}
