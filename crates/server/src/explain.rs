//! Explaining: nobody is let in, and whoever proves to hold a key is told what became of it.
//!
//! The transport is our own (`sshwhy_wire::server`): the key, its algorithm and the flags of its
//! signature reach the engine as they came, whatever they are, and host keys can stay in another
//! process. Until a key is proven, every answer is the same for every name and key.

use crate::engine::{Key, Proof, Question};
use crate::grid::on_the_grid;
use crate::limits::Limits;
use crate::parent::{About, Parent};
use sshwhy_keys::{PublicKey, SigAlg, fingerprint, verify};
use sshwhy_wire::data::{Reader, msg, put_bool, put_string};
use sshwhy_wire::error::TransportError;
use sshwhy_wire::request::{Asked, KeyRequest, Request};
use sshwhy_wire::server::{ServerConfig, ServerEvent, ServerTransport};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

/// Explanations go out on a grid of this width, counted from the request: how long the engine worked
/// is not seen.
const GRID: Duration = Duration::from_millis(100);
/// Every other refusal goes out on a grid of this width.
const REFUSAL: Duration = Duration::from_millis(5);
/// Most keys of one connection that are told about, and most that the operator hears of.
const MOST_KEYS: usize = 16;
/// Bytes read at a time.
const CHUNK: usize = 4096;
/// What is left to try, always.
const METHODS: &[u8] = b"publickey,keyboard-interactive";

/// Flags of a FIDO signature (OpenSSH `PROTOCOL.u2f`).
const TOUCHED: u8 = 1;
const VERIFIED: u8 = 4;

/// Reason codes (RFC 4253 §11.1).
mod reason {
    pub(super) const PROTOCOL_ERROR: u32 = 2;
    pub(super) const KEY_EXCHANGE_FAILED: u32 = 3;
    pub(super) const SERVICE_NOT_AVAILABLE: u32 = 7;
    pub(super) const NO_MORE_METHODS: u32 = 14;
}

/// Why a connection ended, where the peer did not just go.
pub(crate) enum Ended {
    Io(io::Error),
    Protocol(TransportError),
    NotSigned,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Io(e) => write!(f, "{e}"),
            Ended::Protocol(e) => write!(f, "{}", as_a_server(e)),
            Ended::NotSigned => write!(f, "the host key made no signature"),
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
        other => other.to_string(),
    }
}

/// One connection.
pub(crate) struct Talk<S> {
    pub(crate) stream: S,
    pub(crate) parent: Parent,
    pub(crate) about: About,
    pub(crate) limits: Limits,
}

/// What the connection has come to.
#[derive(Default)]
struct Story {
    /// The name the peer gave last: another name begins anew.
    user: Option<Vec<u8>>,
    /// What is told of each proven key, in the order of the proofs.
    told: Vec<String>,
    /// Keys that were asked about and not signed with: the operator hears of them at the end.
    asked: Vec<(Vec<u8>, Key)>,
    /// Something was decided.
    decided: bool,
    /// A key was proven.
    proven: bool,
    /// Refused requests.
    refused: usize,
}

/// What to do with a request.
enum Reply {
    /// Send this.
    Payload(Vec<u8>),
    /// SSH_MSG_USERAUTH_FAILURE.
    Refuse,
    /// SSH_MSG_DISCONNECT.
    End(u32, String),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    /// Talks to the end. Whether a key was proven, and why it ended.
    pub(crate) async fn run(mut self, config: Arc<ServerConfig>) -> (bool, Option<Ended>) {
        let mut story = Story::default();
        let mut wire = match ServerTransport::new(config) {
            Ok(wire) => wire,
            Err(e) => return (false, Some(Ended::Protocol(e))),
        };
        let ended = self.talk(&mut wire, &mut story).await.err();
        if let Some(Ended::Protocol(e)) = &ended {
            let code = match e {
                TransportError::NoCommon(_) => reason::KEY_EXCHANGE_FAILED,
                _ => reason::PROTOCOL_ERROR,
            };
            // What is not SSH hears our identification string, and no more.
            if !matches!(
                e,
                TransportError::ProtocolVersion(_) | TransportError::PreambleTooLong
            ) {
                wire.disconnect(code, as_a_server(e).as_bytes());
            }
            let _ = self.flush(&mut wire).await;
        }
        let _ = self.stream.shutdown().await;
        // The peer is gone: how long this takes tells nobody anything.
        self.report(&mut story).await;
        (story.proven, ended)
    }

    async fn talk(&mut self, wire: &mut ServerTransport, story: &mut Story) -> Result<(), Ended> {
        // On the heap, and no larger than a login needs: there may be a thousand of these.
        let mut chunk = vec![0u8; CHUNK];
        loop {
            while let Some(event) = wire.next_event() {
                self.event(wire, story, event).await?;
            }
            self.flush(wire).await?;
            if wire.is_disconnected() {
                return Ok(());
            }
            let read = self.stream.read(&mut chunk).await.map_err(Ended::Io)?;
            if read == 0 {
                return Ok(());
            }
            let fed = wire.feed(chunk.get(..read).unwrap_or_default());
            if let Err(e) = fed {
                while let Some(event) = wire.next_event() {
                    self.event(wire, story, event).await?;
                }
                return Err(Ended::Protocol(e));
            }
        }
    }

    async fn flush(&mut self, wire: &mut ServerTransport) -> Result<(), Ended> {
        let out = wire.take_output();
        if out.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&out).await.map_err(Ended::Io)?;
        self.stream.flush().await.map_err(Ended::Io)
    }

    async fn event(
        &mut self,
        wire: &mut ServerTransport,
        story: &mut Story,
        event: ServerEvent,
    ) -> Result<(), Ended> {
        match event {
            ServerEvent::Sign {
                key,
                algorithm,
                hash,
            } => {
                // Our identification string and KEXINIT need not wait for it.
                self.flush(wire).await?;
                let made = self.parent.sign(key, algorithm, hash).await;
                let made = made.ok_or(Ended::NotSigned)?;
                wire.sign(&made).map_err(Ended::Protocol)
            }
            ServerEvent::Message(payload) if !wire.is_disconnected() => {
                self.message(wire, story, &payload).await
            }
            _ => Ok(()),
        }
    }

    async fn message(
        &mut self,
        wire: &mut ServerTransport,
        story: &mut Story,
        payload: &[u8],
    ) -> Result<(), Ended> {
        let number = payload.first().copied().unwrap_or(0);
        let malformed = Ended::Protocol(TransportError::Malformed(number));
        match number {
            msg::SERVICE_REQUEST => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let name = r.string().ok_or(malformed)?;
                if name != b"ssh-userauth" {
                    wire.disconnect(reason::SERVICE_NOT_AVAILABLE, b"no such service");
                    return Ok(());
                }
                let mut out = vec![msg::SERVICE_ACCEPT];
                put_string(&mut out, name);
                wire.send(&out).map_err(Ended::Protocol)
            }
            msg::USERAUTH_REQUEST => {
                let request = Request::parse(payload).ok_or(malformed)?;
                let start = Instant::now();
                match self.request(wire, story, &request, start).await? {
                    Reply::Payload(out) => wire.send(&out).map_err(Ended::Protocol),
                    Reply::Refuse => {
                        story.refused += 1;
                        if story.refused > self.limits.tries {
                            wire.disconnect(reason::NO_MORE_METHODS, story.farewell().as_bytes());
                            return Ok(());
                        }
                        on_the_grid(start, REFUSAL).await;
                        wire.send(&failure()).map_err(Ended::Protocol)
                    }
                    Reply::End(code, text) => {
                        wire.disconnect(code, text.as_bytes());
                        Ok(())
                    }
                }
            }
            other => Err(Ended::Protocol(TransportError::Unexpected(other))),
        }
    }

    async fn request(
        &mut self,
        wire: &mut ServerTransport,
        story: &mut Story,
        request: &Request<'_>,
        start: Instant,
    ) -> Result<Reply, Ended> {
        if request.service != b"ssh-connection" {
            let text = "no such service".to_owned();
            return Ok(Reply::End(reason::SERVICE_NOT_AVAILABLE, text));
        }
        let first = story.user.is_none();
        if story.user.as_deref() != Some(request.user) {
            story.user = Some(request.user.to_vec());
            story.told.clear();
        }
        match request.method {
            // The question which methods there are counts for nothing, the first time.
            Asked::None if first => Ok(Reply::Payload(failure())),
            Asked::KeyboardInteractive => Ok(Reply::End(reason::NO_MORE_METHODS, story.farewell())),
            Asked::PublicKey(key) if key.signature.is_none() => {
                Ok(query(story, request.user, &key))
            }
            Asked::PublicKey(key) => {
                let told = self.signed(wire, story, request.user, &key).await;
                if let Some(told) = told {
                    // A client that asks for nothing interactive sees this alone.
                    let mut out = vec![msg::USERAUTH_BANNER];
                    put_string(&mut out, format!("sshwhy: {told}\n").as_bytes());
                    put_string(&mut out, b"");
                    on_the_grid(start, GRID).await;
                    wire.send(&out).map_err(Ended::Protocol)?;
                } else {
                    on_the_grid(start, GRID).await;
                }
                Ok(Reply::Refuse)
            }
            Asked::None | Asked::Other(_) => Ok(Reply::Refuse),
        }
    }

    /// A signed request: what its holder is told, where the signature proves that it is its holder.
    async fn signed(
        &mut self,
        wire: &ServerTransport,
        story: &mut Story,
        user: &[u8],
        request: &KeyRequest<'_>,
    ) -> Option<String> {
        let key = Key::of(request);
        let signature = request.signature.unwrap_or_default().to_vec();
        let data = request.signed_data(wire.session_id());
        let bound = request.bound_to.is_none_or(|k| k == wire.host_key());
        let about = key.clone();
        // A long modulus takes its time.
        let proof = tokio::task::spawn_blocking(move || proof(&about, &signature, &data)).await;
        let proof = proof.ok().filter(|_| bound).unwrap_or(Proof::Bad);
        let proven = matches!(proof, Proof::Good { .. });
        story.proven |= proven;
        story.decided = true;
        story
            .asked
            .retain(|(name, asked)| name != user || asked.blob != key.blob);
        let shown = shown(&key);
        let question = Question {
            user: user.to_vec(),
            key: Some(key),
            proof,
            from: self.about.from,
            to: self.about.to,
        };
        let told = self.parent.explain(&self.about, question).await;
        if !proven {
            return None;
        }
        let text = format!("{shown}:\n  {}", told.sentence());
        if story.told.len() < MOST_KEYS {
            story.told.push(text.clone());
        }
        Some(text)
    }

    /// The operator hears of what never came to a proof.
    async fn report(&self, story: &mut Story) {
        let Some(user) = story.user.take() else {
            return;
        };
        let mut asked: Vec<(Vec<u8>, Option<Key>)> = story
            .asked
            .drain(..)
            .map(|(user, key)| (user, Some(key)))
            .collect();
        if asked.is_empty() && !story.decided {
            asked.push((user, None));
        }
        for (user, key) in asked {
            let question = Question {
                user,
                key,
                proof: Proof::None,
                from: self.about.from,
                to: self.about.to,
            };
            self.parent.explain(&self.about, question).await;
        }
    }
}

impl Story {
    /// The last words: all that was told, on one line.
    fn farewell(&self) -> String {
        if self.told.is_empty() {
            return "explained, nobody is let in here: no key was proven; load the key you mean and \
                    connect again"
                .to_owned();
        }
        let told = self.told.join("; ").replace("\n ", "");
        format!("explained, nobody is let in here: {told}")
    }
}

/// Who only asks learns nothing, of any key and any name.
fn query(story: &mut Story, user: &[u8], request: &KeyRequest<'_>) -> Reply {
    let key = Key::of(request);
    let known = story.asked.iter().any(|(u, k)| u == user && *k == key);
    if !known && story.asked.len() < MOST_KEYS {
        story.asked.push((user.to_vec(), key));
    }
    let fits = PublicKey::from_blob(request.blob)
        .is_ok_and(|k| SigAlg::from_name(request.algorithm).fits(k.key_type()));
    if !fits {
        return Reply::Refuse;
    }
    let mut out = vec![msg::USERAUTH_60];
    put_string(&mut out, request.algorithm);
    put_string(&mut out, request.blob);
    Reply::Payload(out)
}

impl Key {
    fn of(request: &KeyRequest<'_>) -> Key {
        Key {
            blob: request.blob.to_vec(),
            algorithm: request.algorithm.to_vec(),
        }
    }
}

/// What a signature proves.
fn proof(key: &Key, signature: &[u8], data: &[u8]) -> Proof {
    let Ok(public) = PublicKey::from_blob(&key.blob) else {
        return Proof::Bad;
    };
    let mut r = Reader::new(signature);
    // The name inside is that of the algorithm announced (`sshkey_check_sigtype`).
    let named = r.string().map(SigAlg::from_name);
    let announced = SigAlg::from_name(&key.algorithm);
    if named != Some(announced.plain()) || !announced.fits(public.key_type()) {
        return Proof::Bad;
    }
    if verify(&public, signature, data).is_err() {
        return Proof::Bad;
    }
    let flags = r.string().and_then(|_| r.u8());
    Proof::Good {
        touched: flags.is_none_or(|f| f & TOUCHED != 0),
        verified: flags.is_some_and(|f| f & VERIFIED != 0),
    }
}

/// `ssh-ed25519 SHA256:…`, of a certificate the key in it.
fn shown(key: &Key) -> String {
    match PublicKey::from_blob(&key.blob) {
        Ok(public) => {
            let of = if public.is_certificate() {
                "the certificate of "
            } else {
                ""
            };
            let kind = public.to_plain();
            let name = String::from_utf8_lossy(kind.key_type().name()).into_owned();
            format!("{of}{name} {}", public.fingerprint())
        }
        Err(_) => fingerprint::sha256(&key.blob),
    }
}

fn failure() -> Vec<u8> {
    let mut out = vec![msg::USERAUTH_FAILURE];
    put_string(&mut out, METHODS);
    put_bool(&mut out, false);
    out
}
