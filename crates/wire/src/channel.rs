//! One session channel (RFC 4254 §5 and §6), without a socket.
//!
//! The window is the whole of what is kept: a server that sends more is cut off.

use crate::data::{Reader, msg, put_bool, put_string, put_u32};

/// Our number of the one channel.
const OURS: u32 = 0;
/// Largest packet of data asked for, in bytes.
const MAX_DATA: u32 = 32 * 1024;

/// What to start on the channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChannelRequest {
    /// `exec` (RFC 4254 §6.5): a command line.
    Exec(Vec<u8>),
    /// `shell`, without a terminal.
    Shell,
    /// `subsystem`: its name.
    Subsystem(Vec<u8>),
}

/// What came of the channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelOutput {
    /// The server opened the channel.
    pub opened: bool,
    /// SSH_MSG_CHANNEL_OPEN_FAILURE: reason code and text.
    pub open_failure: Option<(u32, Vec<u8>)>,
    /// The answer to the request itself; `None` while there is none.
    pub request_accepted: Option<bool>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// There was more output than asked for.
    pub truncated: bool,
    /// `exit-status`.
    pub exit_status: Option<u32>,
    /// `exit-signal`: the signal's name without SIG.
    pub exit_signal: Option<Vec<u8>>,
    /// The server sent EOF.
    pub eof: bool,
    /// The server closed the channel.
    pub closed: bool,
}

/// The channel's state.
pub struct Channel {
    request: ChannelRequest,
    stdin: Vec<u8>,
    theirs: u32,
    their_window: usize,
    their_max: usize,
    our_window: usize,
    close_sent: bool,
    eof_sent: bool,
    out: ChannelOutput,
}

impl Channel {
    /// Starts: the state, and the SSH_MSG_CHANNEL_OPEN to send. At most `limit` bytes
    /// of output, standard error included, are kept.
    #[must_use]
    pub fn open(request: ChannelRequest, stdin: Vec<u8>, limit: u32) -> (Self, Vec<u8>) {
        let mut open = vec![msg::CHANNEL_OPEN];
        put_string(&mut open, b"session");
        put_u32(&mut open, OURS);
        put_u32(&mut open, limit);
        put_u32(&mut open, MAX_DATA);
        let this = Self {
            request,
            stdin,
            theirs: 0,
            their_window: 0,
            their_max: 0,
            our_window: usize::try_from(limit).unwrap_or(usize::MAX),
            close_sent: false,
            eof_sent: false,
            out: ChannelOutput::default(),
        };
        (this, open)
    }

    /// True when nothing more will come of it.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.out.closed || self.out.open_failure.is_some() || self.out.truncated
    }

    /// What has come so far.
    #[must_use]
    pub fn into_output(self) -> ChannelOutput {
        self.out
    }

    fn header(&self, number: u8) -> Vec<u8> {
        let mut out = vec![number];
        put_u32(&mut out, self.theirs);
        out
    }

    /// Takes one message of the connection protocol and gives the messages to send.
    /// A message that does not parse, or is no channel's, gives none.
    pub fn message(&mut self, payload: &[u8]) -> Vec<Vec<u8>> {
        let mut send = Vec::new();
        if self.read(payload, &mut send).is_some() {
            self.flush_stdin(&mut send);
        }
        send
    }

    fn close(&mut self, send: &mut Vec<Vec<u8>>) {
        if self.out.opened && !std::mem::replace(&mut self.close_sent, true) {
            send.push(self.header(msg::CHANNEL_CLOSE));
        }
    }

    fn flush_stdin(&mut self, send: &mut Vec<Vec<u8>>) {
        if self.out.request_accepted != Some(true) || self.close_sent {
            return;
        }
        while !self.stdin.is_empty() {
            let n = self.stdin.len().min(self.their_window).min(self.their_max);
            if n == 0 {
                return;
            }
            let mut out = self.header(msg::CHANNEL_DATA);
            let rest = self.stdin.split_off(n);
            put_string(&mut out, &self.stdin);
            self.stdin = rest;
            self.their_window -= n;
            send.push(out);
        }
        // A subsystem that reads its end may go without having answered.
        let subsystem = matches!(self.request, ChannelRequest::Subsystem(_));
        if subsystem && self.out.stdout.is_empty() && !self.out.eof {
            return;
        }
        if !std::mem::replace(&mut self.eof_sent, true) {
            send.push(self.header(msg::CHANNEL_EOF));
        }
    }

    fn read(&mut self, payload: &[u8], send: &mut Vec<Vec<u8>>) -> Option<()> {
        let mut r = Reader::new(payload);
        let number = r.u8()?;
        if number == msg::CHANNEL_OPEN {
            // The server wants a channel of its own: not here (RFC 4254 §5.1).
            r.string()?;
            let mut out = vec![msg::CHANNEL_OPEN_FAILURE];
            put_u32(&mut out, r.u32()?);
            put_u32(&mut out, 1);
            put_string(&mut out, b"");
            put_string(&mut out, b"");
            send.push(out);
            return None;
        }
        if !(msg::CHANNEL_OPEN_CONFIRMATION..=msg::CHANNEL_FAILURE).contains(&number)
            || r.u32()? != OURS
            || self.out.closed
        {
            return None;
        }
        match number {
            msg::CHANNEL_OPEN_CONFIRMATION if !self.out.opened => {
                self.theirs = r.u32()?;
                self.their_window = usize::try_from(r.u32()?).ok()?;
                self.their_max = usize::try_from(r.u32()?.min(MAX_DATA)).ok()?;
                self.out.opened = true;
                let mut out = self.header(msg::CHANNEL_REQUEST);
                match &self.request {
                    ChannelRequest::Exec(command) => {
                        put_string(&mut out, b"exec");
                        put_bool(&mut out, true);
                        put_string(&mut out, command);
                    }
                    ChannelRequest::Shell => {
                        put_string(&mut out, b"shell");
                        put_bool(&mut out, true);
                    }
                    ChannelRequest::Subsystem(name) => {
                        put_string(&mut out, b"subsystem");
                        put_bool(&mut out, true);
                        put_string(&mut out, name);
                    }
                }
                send.push(out);
            }
            msg::CHANNEL_OPEN_FAILURE if !self.out.opened => {
                self.out.open_failure = Some((r.u32()?, r.string().unwrap_or_default().to_vec()));
            }
            msg::CHANNEL_WINDOW_ADJUST => {
                let more = usize::try_from(r.u32()?).ok()?;
                self.their_window = self.their_window.saturating_add(more);
            }
            msg::CHANNEL_DATA | msg::CHANNEL_EXTENDED_DATA => {
                let stderr = number == msg::CHANNEL_EXTENDED_DATA;
                if stderr {
                    r.u32()?;
                }
                let data = r.string()?;
                let room = data.len().min(self.our_window);
                let into = if stderr {
                    &mut self.out.stderr
                } else {
                    &mut self.out.stdout
                };
                into.extend_from_slice(data.get(..room).unwrap_or_default());
                self.our_window -= room;
                if self.our_window == 0 {
                    self.out.truncated = true;
                    self.close(send);
                }
            }
            msg::CHANNEL_EOF => self.out.eof = true,
            msg::CHANNEL_CLOSE => {
                self.close(send);
                self.out.closed = true;
            }
            msg::CHANNEL_SUCCESS => self.out.request_accepted = Some(true),
            msg::CHANNEL_FAILURE => {
                self.out.request_accepted = Some(false);
                self.close(send);
            }
            msg::CHANNEL_REQUEST => {
                let name = r.string()?;
                let want_reply = r.boolean()?;
                match name {
                    b"exit-status" => self.out.exit_status = Some(r.u32()?),
                    b"exit-signal" => self.out.exit_signal = Some(r.string()?.to_vec()),
                    _ => {}
                }
                if want_reply {
                    send.push(self.header(msg::CHANNEL_FAILURE));
                }
            }
            _ => return None,
        }
        Some(())
    }
}
