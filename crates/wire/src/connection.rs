//! The connection protocol (RFC 4254) as a server with sessions speaks it, without a socket: messages
//! in, messages and events out.
//!
//! Session channels alone are opened; forwardings are refused. Window is granted when what came was
//! taken ([`Connection::taken`]), and nothing is sent beyond the client's.
//!
//! **Invariant:** of what a client sends, no channel holds more than [`WINDOW`] bytes that were not
//! taken; whoever sends more ends the connection.

use std::collections::{BTreeMap, VecDeque};

use crate::data::{Reader, msg, put_bool, put_string, put_u32};
use crate::error::TransportError;

/// What a channel takes before it was read, in bytes: as OpenSSH's.
pub const WINDOW: u32 = 2 << 20;
/// Largest piece of data in one message, both ways, in bytes.
pub const MOST_DATA: u32 = 32 << 10;
/// Window is given back in pieces of at least this size, in bytes.
const GRANT: u32 = 3 * MOST_DATA;
/// Extended data: standard error (RFC 4254 §5.2).
const STDERR: u32 = 1;

/// Why a channel is not opened (RFC 4254 §5.1).
mod reason {
    pub(super) const PROHIBITED: u32 = 1;
    pub(super) const UNKNOWN_TYPE: u32 = 3;
    pub(super) const SHORTAGE: u32 = 4;
}

/// A terminal's size (RFC 4254 §6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// What is asked of a session (RFC 4254 §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRequest {
    /// `env`
    Environment {
        /// The variable's name.
        name: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// `pty-req`
    Terminal {
        /// TERM
        term: Vec<u8>,
        /// Its size.
        size: Size,
        /// Opcodes and their arguments (RFC 4254 §8), in their order.
        modes: Vec<(u8, u32)>,
    },
    /// `window-change`
    Resize(Size),
    /// `shell`
    Shell,
    /// `exec`
    Command(Vec<u8>),
    /// `subsystem`
    Subsystem(Vec<u8>),
    /// `signal`, without SIG.
    Signal(Vec<u8>),
}

/// What became of the connection.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionEvent {
    /// A session channel was opened.
    Opened {
        /// Our number of it.
        channel: u32,
        /// How many bytes the client takes.
        window: u32,
        /// How many of them in one message.
        most: u32,
    },
    /// Something is asked of a session. Where an answer is wanted, [`Connection::answer`] has to be
    /// called.
    Asked {
        /// The channel.
        channel: u32,
        /// What.
        request: SessionRequest,
        /// Whether an answer is wanted.
        answer: bool,
    },
    /// Bytes for the program; [`Connection::taken`] when it has them.
    Data {
        /// The channel.
        channel: u32,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// No more bytes will come.
    Eof(u32),
    /// The client takes so many more bytes.
    Room {
        /// The channel.
        channel: u32,
        /// Bytes.
        more: u32,
    },
    /// The channel is gone.
    Closed(u32),
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `exit-status`
    Status(u32),
    /// `exit-signal`: the signal's name without SIG, and whether it left a core.
    Signal(&'static str, bool),
}

struct Channel {
    /// The client's number of it.
    theirs: u32,
    /// What the client still takes.
    their_window: u32,
    /// In one message.
    their_most: u32,
    /// What the client may still send.
    our_window: u32,
    /// Taken, and not granted anew yet.
    taken: u32,
    eof_came: bool,
    close_sent: bool,
}

impl Channel {
    fn header(&self, number: u8) -> Vec<u8> {
        let mut out = vec![number];
        put_u32(&mut out, self.theirs);
        out
    }
}

/// All channels of one connection.
pub struct Connection {
    channels: BTreeMap<u32, Channel>,
    next: u32,
    most: usize,
    no_more: bool,
    events: VecDeque<ConnectionEvent>,
    output: VecDeque<Vec<u8>>,
}

impl Connection {
    /// With at most so many session channels at a time.
    #[must_use]
    pub fn new(most: usize) -> Connection {
        Connection {
            channels: BTreeMap::new(),
            next: 0,
            most,
            no_more: false,
            events: VecDeque::new(),
            output: VecDeque::new(),
        }
    }

    /// The oldest event not yet taken.
    pub fn next_event(&mut self) -> Option<ConnectionEvent> {
        self.events.pop_front()
    }

    /// The oldest message not yet sent.
    pub fn next_output(&mut self) -> Option<Vec<u8>> {
        self.output.pop_front()
    }

    /// Takes one message of numbers 80 to 127.
    ///
    /// # Errors
    /// The client broke the protocol; the connection has to end.
    pub fn message(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let number = payload.first().copied().unwrap_or(0);
        let body = Reader::new(payload.get(1..).unwrap_or_default());
        let read = match number {
            msg::GLOBAL_REQUEST => self.global(body).map(Ok),
            // What we ask to see whether somebody is there; and answers to what we never asked.
            msg::REQUEST_SUCCESS | msg::REQUEST_FAILURE => Some(Ok(())),
            msg::CHANNEL_OPEN => self.open(body).map(Ok),
            msg::CHANNEL_WINDOW_ADJUST..=msg::CHANNEL_FAILURE => self.on_channel(number, body),
            _ => return Err(TransportError::Unexpected(number)),
        };
        read.unwrap_or(Err(TransportError::Malformed(number)))
    }

    fn global(&mut self, mut r: Reader<'_>) -> Option<()> {
        let name = r.string()?;
        let answer = r.boolean()?;
        if name == b"no-more-sessions@openssh.com" {
            self.no_more = true;
        }
        if answer {
            self.output.push_back(vec![msg::REQUEST_FAILURE]);
        }
        Some(())
    }

    fn open(&mut self, mut r: Reader<'_>) -> Option<()> {
        let kind = r.string()?;
        let (theirs, their_window, their_most) = (r.u32()?, r.u32()?, r.u32()?);
        let refused = match kind {
            b"session" if self.no_more => Some((reason::PROHIBITED, "no more sessions")),
            b"session" if self.channels.len() >= self.most || their_most == 0 => {
                Some((reason::SHORTAGE, "no more channels"))
            }
            b"session" => None,
            b"direct-tcpip" | b"direct-streamlocal@openssh.com" => {
                Some((reason::PROHIBITED, "nothing is forwarded here"))
            }
            _ => Some((reason::UNKNOWN_TYPE, "no such channel type")),
        };
        if let Some((code, words)) = refused {
            let mut out = vec![msg::CHANNEL_OPEN_FAILURE];
            put_u32(&mut out, theirs);
            put_u32(&mut out, code);
            put_string(&mut out, words.as_bytes());
            put_string(&mut out, b"");
            self.output.push_back(out);
            return Some(());
        }
        // Numbers of channels that are there still are passed over.
        while self.channels.contains_key(&self.next) {
            self.next = self.next.wrapping_add(1);
        }
        let ours = self.next;
        self.next = self.next.wrapping_add(1);
        let channel = Channel {
            theirs,
            their_window,
            their_most: their_most.min(MOST_DATA),
            our_window: WINDOW,
            taken: 0,
            eof_came: false,
            close_sent: false,
        };
        let mut out = channel.header(msg::CHANNEL_OPEN_CONFIRMATION);
        put_u32(&mut out, ours);
        put_u32(&mut out, WINDOW);
        put_u32(&mut out, MOST_DATA);
        self.output.push_back(out);
        self.events.push_back(ConnectionEvent::Opened {
            channel: ours,
            window: their_window,
            most: channel.their_most,
        });
        self.channels.insert(ours, channel);
        Some(())
    }

    /// `None`: it does not parse.
    fn on_channel(&mut self, number: u8, mut r: Reader<'_>) -> Option<Result<(), TransportError>> {
        let ours = r.u32()?;
        let Some(channel) = self.channels.get_mut(&ours) else {
            // A channel that was never there, or was closed by both.
            return Some(Err(TransportError::Unexpected(number)));
        };
        match number {
            msg::CHANNEL_WINDOW_ADJUST => {
                let more = r.u32()?;
                // RFC 4254 §5.2: it never goes above 2^32 - 1.
                let Some(window) = channel.their_window.checked_add(more) else {
                    return Some(Err(TransportError::TooMuch));
                };
                channel.their_window = window;
                if !channel.close_sent {
                    self.events.push_back(ConnectionEvent::Room {
                        channel: ours,
                        more,
                    });
                }
            }
            msg::CHANNEL_DATA | msg::CHANNEL_EXTENDED_DATA => {
                let extended = number == msg::CHANNEL_EXTENDED_DATA;
                if extended {
                    r.u32()?;
                }
                let bytes = r.string()?;
                let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                let Some(window) = channel.our_window.checked_sub(length) else {
                    return Some(Err(TransportError::TooMuch));
                };
                channel.our_window = window;
                if channel.eof_came {
                    return Some(Err(TransportError::Unexpected(number)));
                }
                if channel.close_sent {
                    return Some(Ok(()));
                }
                if extended {
                    // A program has one input.
                    self.taken(ours, bytes.len());
                } else {
                    self.events.push_back(ConnectionEvent::Data {
                        channel: ours,
                        bytes: bytes.to_vec(),
                    });
                }
            }
            msg::CHANNEL_EOF => {
                let first = !std::mem::replace(&mut channel.eof_came, true);
                if first && !channel.close_sent {
                    self.events.push_back(ConnectionEvent::Eof(ours));
                }
            }
            msg::CHANNEL_CLOSE => {
                if !channel.close_sent {
                    self.output.push_back(channel.header(msg::CHANNEL_CLOSE));
                    self.events.push_back(ConnectionEvent::Closed(ours));
                }
                self.channels.remove(&ours);
            }
            msg::CHANNEL_REQUEST => {
                let name = r.string()?;
                let answer = r.boolean()?;
                let request = session_request(name, r)?;
                if channel.close_sent {
                    return Some(Ok(()));
                }
                match request {
                    Some(request) => self.events.push_back(ConnectionEvent::Asked {
                        channel: ours,
                        request,
                        answer,
                    }),
                    None if answer => self.answer(ours, false),
                    None => {}
                }
            }
            // Answers to what we asked: nothing.
            _ => {}
        }
        Some(Ok(()))
    }

    fn channel(&mut self, number: u32) -> Option<&mut Channel> {
        self.channels.get_mut(&number).filter(|c| !c.close_sent)
    }

    /// Answers a request.
    pub fn answer(&mut self, channel: u32, yes: bool) {
        if let Some(channel) = self.channel(channel) {
            let number = if yes {
                msg::CHANNEL_SUCCESS
            } else {
                msg::CHANNEL_FAILURE
            };
            let out = channel.header(number);
            self.output.push_back(out);
        }
    }

    /// So many bytes of what came are with the program, or thrown away.
    pub fn taken(&mut self, channel: u32, bytes: usize) {
        let Some(channel) = self.channel(channel) else {
            return;
        };
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let owed = WINDOW - channel.our_window;
        channel.taken = channel.taken.saturating_add(bytes).min(owed);
        if channel.taken >= GRANT && !channel.eof_came {
            let more = std::mem::take(&mut channel.taken);
            channel.our_window += more;
            let mut out = channel.header(msg::CHANNEL_WINDOW_ADJUST);
            put_u32(&mut out, more);
            self.output.push_back(out);
        }
    }

    /// Sends output of a program. Nothing is sent, and the answer is `false`, where the client did not
    /// make room for it; a channel that is gone swallows it.
    pub fn data(&mut self, channel: u32, stderr: bool, bytes: &[u8]) -> bool {
        let Some(channel) = self.channel(channel) else {
            return true;
        };
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let Some(window) = channel.their_window.checked_sub(length) else {
            return false;
        };
        if length > channel.their_most {
            return false;
        }
        channel.their_window = window;
        let mut out = Vec::with_capacity(bytes.len() + 16);
        out.push(if stderr {
            msg::CHANNEL_EXTENDED_DATA
        } else {
            msg::CHANNEL_DATA
        });
        put_u32(&mut out, channel.theirs);
        if stderr {
            put_u32(&mut out, STDERR);
        }
        put_string(&mut out, bytes);
        self.output.push_back(out);
        true
    }

    /// A program ended: says how, and ends the channel (RFC 4254 §6.10).
    pub fn end(&mut self, number: u32, exit: &Exit) {
        let Some(channel) = self.channel(number) else {
            return;
        };
        let mut out = channel.header(msg::CHANNEL_REQUEST);
        match exit {
            Exit::Status(code) => {
                put_string(&mut out, b"exit-status");
                put_bool(&mut out, false);
                put_u32(&mut out, *code);
            }
            Exit::Signal(name, core) => {
                put_string(&mut out, b"exit-signal");
                put_bool(&mut out, false);
                put_string(&mut out, name.as_bytes());
                put_bool(&mut out, *core);
                put_string(&mut out, b"");
                put_string(&mut out, b"");
            }
        }
        let (eof, close) = (
            channel.header(msg::CHANNEL_EOF),
            channel.header(msg::CHANNEL_CLOSE),
        );
        channel.close_sent = true;
        self.output.extend([out, eof, close]);
        self.events.push_back(ConnectionEvent::Closed(number));
    }

    /// Asks for a sign of life: whatever is answered is one.
    pub fn alive(&mut self) {
        let mut out = vec![msg::GLOBAL_REQUEST];
        put_string(&mut out, b"keepalive@openssh.com");
        put_bool(&mut out, true);
        self.output.push_back(out);
    }
}

/// The outer `None`: it does not parse; the inner: nothing that is known here.
fn session_request(name: &[u8], mut r: Reader<'_>) -> Option<Option<SessionRequest>> {
    let size = |r: &mut Reader<'_>| {
        Some(Size {
            columns: r.u32()?,
            rows: r.u32()?,
            width: r.u32()?,
            height: r.u32()?,
        })
    };
    Some(Some(match name {
        b"env" => SessionRequest::Environment {
            name: r.string()?.to_vec(),
            value: r.string()?.to_vec(),
        },
        b"pty-req" => {
            let term = r.string()?.to_vec();
            let size = size(&mut r)?;
            let modes = modes(r.string()?);
            SessionRequest::Terminal { term, size, modes }
        }
        b"window-change" => SessionRequest::Resize(size(&mut r)?),
        b"shell" => SessionRequest::Shell,
        b"exec" => SessionRequest::Command(r.string()?.to_vec()),
        b"subsystem" => SessionRequest::Subsystem(r.string()?.to_vec()),
        b"signal" => SessionRequest::Signal(r.string()?.to_vec()),
        _ => return Some(None),
    }))
}

/// First opcode that is not known to have one `uint32` for its argument (RFC 4254 §8).
const UNKNOWN_MODE: u8 = 160;

/// Encoded terminal modes, up to their end or the first that is not known.
fn modes(encoded: &[u8]) -> Vec<(u8, u32)> {
    let mut r = Reader::new(encoded);
    let next = || {
        let mode = r.u8().filter(|m| (1..UNKNOWN_MODE).contains(m))?;
        Some((mode, r.u32()?))
    };
    std::iter::from_fn(next)
        .take(usize::from(u8::MAX))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(window: u32, most: u32) -> Vec<u8> {
        let mut out = vec![msg::CHANNEL_OPEN];
        put_string(&mut out, b"session");
        put_u32(&mut out, 7);
        put_u32(&mut out, window);
        put_u32(&mut out, most);
        out
    }

    fn data(channel: u32, bytes: usize) -> Vec<u8> {
        let mut out = vec![msg::CHANNEL_DATA];
        put_u32(&mut out, channel);
        put_string(&mut out, &vec![b'x'; bytes]);
        out
    }

    fn on(number: u8, channel: u32) -> Vec<u8> {
        let mut out = vec![number];
        put_u32(&mut out, channel);
        out
    }

    fn opened(window: u32, most: u32) -> Connection {
        let mut all = Connection::new(2);
        all.message(&open(window, most)).unwrap();
        assert_eq!(
            all.next_event(),
            Some(ConnectionEvent::Opened {
                channel: 0,
                window,
                most: most.min(MOST_DATA)
            })
        );
        assert_eq!(
            all.next_output().unwrap()[0],
            msg::CHANNEL_OPEN_CONFIRMATION
        );
        all
    }

    #[test]
    fn window_comes_back_when_bytes_are_taken_and_never_more() {
        let mut all = opened(10, 10);
        let mut sent = 0;
        while sent + 1000 <= WINDOW {
            all.message(&data(0, 1000)).unwrap();
            sent += 1000;
        }
        assert!(all.next_output().is_none());
        assert_eq!(all.message(&data(0, 1000)), Err(TransportError::TooMuch));
        // More is said to be taken than came: what came is given back.
        all.taken(0, usize::MAX);
        let granted = all.next_output().unwrap();
        assert_eq!(granted[..5], [msg::CHANNEL_WINDOW_ADJUST, 0, 0, 0, 7]);
        assert_eq!(granted[5..], sent.to_be_bytes());
        all.taken(0, 1);
        assert!(all.next_output().is_none());
    }

    #[test]
    fn nothing_goes_beyond_the_clients_window_or_packet() {
        let mut all = opened(10, 6);
        assert!(!all.data(0, false, b"seven b"));
        assert!(all.data(0, false, b"six by"));
        assert!(!all.data(0, true, b"five "));
        assert!(all.data(0, true, b"four"));
        assert!(!all.data(0, false, b"x"));
        let mut more = on(msg::CHANNEL_WINDOW_ADJUST, 0);
        put_u32(&mut more, 1);
        all.message(&more).unwrap();
        assert_eq!(
            all.next_event(),
            Some(ConnectionEvent::Room {
                channel: 0,
                more: 1
            })
        );
        assert!(all.data(0, false, b"x"));
        let mut flood = on(msg::CHANNEL_WINDOW_ADJUST, 0);
        put_u32(&mut flood, u32::MAX);
        all.message(&flood).unwrap();
        assert_eq!(all.message(&more), Err(TransportError::TooMuch));
    }

    #[test]
    fn a_channel_ends_once_whoever_begins() {
        let mut all = opened(10, 10);
        all.end(0, &Exit::Status(3));
        let sent: Vec<u8> = std::iter::from_fn(|| all.next_output())
            .map(|m| m[0])
            .collect();
        assert_eq!(
            sent,
            [msg::CHANNEL_REQUEST, msg::CHANNEL_EOF, msg::CHANNEL_CLOSE]
        );
        assert_eq!(all.next_event(), Some(ConnectionEvent::Closed(0)));
        // What the client sent before it heard of it is no breach.
        all.message(&data(0, 5)).unwrap();
        assert!(all.data(0, false, b"swallowed"));
        all.message(&on(msg::CHANNEL_CLOSE, 0)).unwrap();
        assert!(all.next_event().is_none() && all.next_output().is_none());
        assert_eq!(
            all.message(&data(0, 5)),
            Err(TransportError::Unexpected(msg::CHANNEL_DATA))
        );
        all.message(&open(1, 1)).unwrap();
        let second = all.next_event().unwrap();
        let ConnectionEvent::Opened { channel, .. } = second else {
            panic!("{second:?}");
        };
        all.next_output().unwrap();
        all.message(&on(msg::CHANNEL_CLOSE, channel)).unwrap();
        assert_eq!(all.next_event(), Some(ConnectionEvent::Closed(channel)));
        assert_eq!(all.next_output().unwrap()[0], msg::CHANNEL_CLOSE);
        all.end(channel, &Exit::Status(0));
        assert!(all.next_output().is_none());
    }

    #[test]
    fn channels_are_counted_and_forwardings_refused() {
        let mut all = opened(10, 10);
        all.message(&open(1, 1)).unwrap();
        all.next_output().unwrap();
        all.message(&open(1, 1)).unwrap();
        let third = all.next_output().unwrap();
        assert_eq!(third[0], msg::CHANNEL_OPEN_FAILURE);
        assert_eq!(third[5..9], reason::SHORTAGE.to_be_bytes());
        let mut forward = vec![msg::CHANNEL_OPEN];
        put_string(&mut forward, b"direct-tcpip");
        forward.extend([0; 12]);
        all.message(&forward).unwrap();
        assert_eq!(
            all.next_output().unwrap()[5..9],
            reason::PROHIBITED.to_be_bytes()
        );
        let mut listen = vec![msg::GLOBAL_REQUEST];
        put_string(&mut listen, b"tcpip-forward");
        put_bool(&mut listen, true);
        all.message(&listen).unwrap();
        assert_eq!(all.next_output(), Some(vec![msg::REQUEST_FAILURE]));
    }

    #[test]
    fn terminal_modes_end_where_they_say_and_where_they_are_cut() {
        assert_eq!(
            modes(&[1, 0, 0, 0, 3, 53, 0, 0, 0, 1, 0, 9]),
            [(1, 3), (53, 1)]
        );
        assert_eq!(modes(&[1, 0, 0, 0, 3, 53, 0, 0]), [(1, 3)]);
        assert_eq!(modes(&[200, 1, 2, 3, 4, 1, 0, 0, 0, 3]), []);
    }

    #[test]
    fn every_message_cut_anywhere_is_an_error_or_an_answer() {
        let mut ask = on(msg::CHANNEL_REQUEST, 0);
        put_string(&mut ask, b"pty-req");
        put_bool(&mut ask, true);
        put_string(&mut ask, b"xterm");
        ask.extend([0; 16]);
        put_string(&mut ask, &[1, 0, 0, 0, 3, 0]);
        let mut ended = 0;
        for whole in [open(9, 9), data(0, 20), ask] {
            for cut in 0..whole.len() {
                let mut all = opened(10, 10);
                ended += usize::from(all.message(&whole[..cut]).is_err());
            }
            assert_eq!(opened(10, 10).message(&whole), Ok(()));
        }
        assert!(ended > 60, "{ended}");
    }
}
