//! One connection up to the login, on our own transport (`sshwhy_wire::server`): the key, its
//! algorithm and the flags of its signature reach the engine as they came, whatever they are, and host
//! keys can stay in another process. What is answered to a request is [`Desk`]'s.

use crate::admit::Admitting;
use crate::explain::Explaining;
use crate::grid::on_the_grid;
use crate::login::Ready;
use crate::parent::{About, Parent};
use sshwhy_wire::data::{Reader, msg, put_bool, put_string};
use sshwhy_wire::error::TransportError;
use sshwhy_wire::request::Request;
use sshwhy_wire::server::{ServerConfig, ServerEvent, ServerTransport};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

/// Every refusal goes out on a grid of this width at least.
const REFUSAL: Duration = Duration::from_millis(5);
/// How long the last words may take to go: a peer that reads nothing does not keep the connection.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Bytes read at a time.
const CHUNK: usize = 4096;

/// Reason codes (RFC 4253 §11.1).
pub(crate) mod reason {
    pub(crate) const PROTOCOL_ERROR: u32 = 2;
    pub(crate) const KEY_EXCHANGE_FAILED: u32 = 3;
    pub(crate) const SERVICE_NOT_AVAILABLE: u32 = 7;
    pub(crate) const NO_MORE_METHODS: u32 = 14;
}

/// Why a connection ended, where the peer did not just go.
pub(crate) enum Ended {
    Io(io::Error),
    Protocol(TransportError),
    NotSigned,
    /// It gave no sign of life.
    Silent,
    /// As many requests were refused as are heard.
    TooMany,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Io(e) => write!(f, "{e}"),
            Ended::Protocol(e) => write!(f, "{}", as_a_server(e)),
            Ended::NotSigned => write!(f, "the host key made no signature"),
            Ended::TooMany => write!(
                f,
                "as many requests were refused as are heard; whether more keys would have come is not known"
            ),
            Ended::Silent => write!(f, "the client gave no sign of life"),
        }
    }
}

/// The transport's words are those of a client about a server; here it is the other way round.
fn as_a_server(error: &TransportError) -> String {
    match error {
        TransportError::ProtocolVersion(said) => {
            format!("not an SSH 2.0 client: {}", said.escape_ascii())
        }
        TransportError::PreambleTooLong => "no identification string within its length".into(),
        TransportError::BadKeyShare => "the client's key share is not valid".into(),
        TransportError::StrictKex => "the client broke the strict key exchange".into(),
        TransportError::TooMuch => "the client sends more than it was given room for".into(),
        other => other.to_string(),
    }
}

/// Who answers requests.
pub(crate) enum Desk {
    /// Nobody is let in, and whoever proves to hold a key is told about it.
    Explain(Explaining),
    /// As sshd answers.
    Admit(Admitting),
}

/// What to do with a request.
pub(crate) enum Reply {
    /// Send this.
    Payload(Vec<u8>),
    /// SSH_MSG_USERAUTH_FAILURE, after these messages.
    Refuse(Vec<Vec<u8>>),
    /// SSH_MSG_USERAUTH_FAILURE that counts for nothing.
    Methods,
    /// SSH_MSG_USERAUTH_FAILURE with partial success. What more is asked for, nobody can give here:
    /// no method is named.
    Partial,
    /// The connection ends without a word.
    Close,
    /// SSH_MSG_DISCONNECT.
    End(u32, String),
    /// SSH_MSG_USERAUTH_SUCCESS, and what the sessions are like; `None`: there are none.
    LetIn(Option<Box<Ready>>),
}

/// What a request's signature is bound to.
pub(crate) struct Bound<'a> {
    pub(crate) session_id: &'a [u8],
    /// The host key that was shown.
    pub(crate) host_key: &'a [u8],
}

impl Desk {
    fn methods(&self) -> &'static [u8] {
        match self {
            Desk::Explain(_) => b"publickey,keyboard-interactive",
            Desk::Admit(one) => one.methods(),
        }
    }

    async fn request(&mut self, bound: &Bound<'_>, request: &Request<'_>, start: Instant) -> Reply {
        match self {
            Desk::Explain(one) => one.request(bound, request, start).await,
            Desk::Admit(one) => one.request(bound, request, start).await,
        }
    }

    /// After so many refusals, what ends the connection.
    fn too_many(&self, refused: usize, most: usize) -> Option<(u32, String)> {
        match self {
            Desk::Explain(one) => {
                let words = "more was refused than is heard; where the key you mean did not come yet, offer it \
                             alone (ssh -i FILE -o IdentitiesOnly=yes; PuTTY: Private key file for \
                             authentication)";
                (refused > most).then(|| {
                    (
                        reason::NO_MORE_METHODS,
                        format!("{words}; {}", one.farewell()),
                    )
                })
            }
            Desk::Admit(one) => (refused >= one.tries().unwrap_or(most)).then(|| {
                let words = "Too many authentication failures".to_owned();
                (reason::PROTOCOL_ERROR, words)
            }),
        }
    }
}

/// One connection.
pub(crate) struct Talk<S> {
    pub(crate) stream: S,
    pub(crate) wire: ServerTransport,
    pub(crate) parent: Parent,
    pub(crate) about: About,
    /// The authentication protocol was asked for.
    asked: bool,
}

/// How it went on.
pub(crate) enum After {
    /// It ended.
    Gone,
    /// The client is let in.
    LetIn(Option<Box<Ready>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Our identification string and KEXINIT are ready to go.
    pub(crate) fn new(
        stream: S,
        config: Arc<ServerConfig>,
        parent: Parent,
        about: About,
    ) -> Result<Self, Ended> {
        Ok(Talk {
            stream,
            wire: ServerTransport::new(config).map_err(Ended::Protocol)?,
            parent,
            about,
            asked: false,
        })
    }

    /// Talks to the login or to the end. `most`: refusals.
    pub(crate) async fn login(&mut self, desk: &mut Desk, most: usize) -> Result<After, Ended> {
        // On the heap, and no larger than a login needs: there may be a thousand of these.
        let mut chunk = vec![0u8; CHUNK];
        let mut refused = 0;
        loop {
            while let Some(event) = self.wire.next_event() {
                let after = self.event(desk, event, &mut refused, most).await?;
                if let Some(let_in) = after {
                    return Ok(let_in);
                }
            }
            self.flush().await?;
            if self.wire.is_disconnected() {
                return Ok(After::Gone);
            }
            let read = self.stream.read(&mut chunk).await.map_err(Ended::Io)?;
            if read == 0 {
                return Ok(After::Gone);
            }
            let fed = self.wire.feed(chunk.get(..read).unwrap_or_default());
            if let Err(e) = fed {
                while let Some(event) = self.wire.next_event() {
                    self.event(desk, event, &mut refused, most).await?;
                }
                return Err(Ended::Protocol(e));
            }
        }
    }

    /// Says why, where the protocol has words for it, and hangs up.
    pub(crate) async fn hang_up(&mut self, ended: Option<&Ended>) {
        let last = async {
            if let Some(Ended::Protocol(e)) = ended {
                let code = match e {
                    TransportError::NoCommon(_) => reason::KEY_EXCHANGE_FAILED,
                    _ => reason::PROTOCOL_ERROR,
                };
                // What is not SSH hears our identification string, and no more.
                if !matches!(
                    e,
                    TransportError::ProtocolVersion(_) | TransportError::PreambleTooLong
                ) {
                    self.wire.disconnect(code, as_a_server(e).as_bytes());
                }
                let _ = self.flush().await;
            }
            let _ = self.stream.shutdown().await;
        };
        let _ = tokio::time::timeout(LAST_WORDS, last).await;
    }

    async fn flush(&mut self) -> Result<(), Ended> {
        let out = self.wire.take_output();
        if out.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&out).await.map_err(Ended::Io)?;
        self.stream.flush().await.map_err(Ended::Io)
    }

    /// The host key's signature; [`Parent`] has the key.
    pub(crate) async fn sign(
        &mut self,
        key: usize,
        algorithm: Vec<u8>,
        hash: Vec<u8>,
    ) -> Result<(), Ended> {
        let made = self.parent.sign(key, algorithm, hash).await;
        let made = made.ok_or(Ended::NotSigned)?;
        self.wire.sign(&made).map_err(Ended::Protocol)
    }

    async fn event(
        &mut self,
        desk: &mut Desk,
        event: ServerEvent,
        refused: &mut usize,
        most: usize,
    ) -> Result<Option<After>, Ended> {
        match event {
            ServerEvent::Sign {
                key,
                algorithm,
                hash,
            } => {
                // Our identification string and KEXINIT need not wait for it.
                self.flush().await?;
                self.sign(key, algorithm, hash).await?;
                Ok(None)
            }
            ServerEvent::Message(payload) if !self.wire.is_disconnected() => {
                self.message(desk, &payload, refused, most).await
            }
            _ => Ok(None),
        }
    }

    async fn message(
        &mut self,
        desk: &mut Desk,
        payload: &[u8],
        refused: &mut usize,
        most: usize,
    ) -> Result<Option<After>, Ended> {
        let number = payload.first().copied().unwrap_or(0);
        let malformed = Ended::Protocol(TransportError::Malformed(number));
        match number {
            msg::SERVICE_REQUEST => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let name = r.string().ok_or(malformed)?;
                if name != b"ssh-userauth" {
                    self.wire
                        .disconnect(reason::SERVICE_NOT_AVAILABLE, b"no such service");
                    return Ok(None);
                }
                self.asked = true;
                let mut out = vec![msg::SERVICE_ACCEPT];
                put_string(&mut out, name);
                self.send(&out)?;
            }
            msg::USERAUTH_REQUEST if self.asked => {
                let request = Request::parse(payload).ok_or(malformed)?;
                let start = Instant::now();
                let bound = Bound {
                    session_id: self.wire.session_id(),
                    host_key: self.wire.host_key(),
                };
                let reply = if request.service == b"ssh-connection" {
                    desk.request(&bound, &request, start).await
                } else {
                    Reply::End(reason::SERVICE_NOT_AVAILABLE, "no such service".to_owned())
                };
                match reply {
                    Reply::Payload(out) => self.send(&out)?,
                    Reply::Methods => self.send(&failure(desk.methods(), false))?,
                    Reply::Partial => self.send(&failure(b"", true))?,
                    Reply::Close => {
                        self.flush().await?;
                        return Ok(Some(After::Gone));
                    }
                    Reply::Refuse(before) => {
                        for out in before {
                            self.send(&out)?;
                        }
                        *refused += 1;
                        if let Some((code, words)) = desk.too_many(*refused, most) {
                            self.wire.disconnect(code, words.as_bytes());
                            self.flush().await?;
                            return Err(Ended::TooMany);
                        }
                        on_the_grid(start, REFUSAL).await;
                        self.send(&failure(desk.methods(), false))?;
                    }
                    Reply::End(code, text) => self.wire.disconnect(code, text.as_bytes()),
                    Reply::LetIn(ready) => {
                        self.send(&[msg::USERAUTH_SUCCESS])?;
                        self.wire.admit();
                        return Ok(Some(After::LetIn(ready)));
                    }
                }
            }
            other => return Err(Ended::Protocol(TransportError::Unexpected(other))),
        }
        Ok(None)
    }

    fn send(&mut self, payload: &[u8]) -> Result<(), Ended> {
        self.wire.send(payload).map_err(Ended::Protocol)
    }
}

fn failure(methods: &[u8], partial: bool) -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_FAILURE];
    put_string(&mut out, methods);
    put_bool(&mut out, partial);
    out
}
