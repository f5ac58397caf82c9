//! The server's side of RFC 4253 without a socket, up to the login: bytes in, bytes and events out.
//!
//! It holds no secret that outlives a connection: the host key's signature over the exchange hash is
//! asked for by [`ServerEvent::Sign`] and given by [`ServerTransport::sign`].
//!
//! **Invariant:** what is buffered is bounded by what was fed last and one packet; a peer that does
//! not keep to the protocol ends the transport, nothing else. Keys are exchanged once: a login needs
//! no new ones.

use std::collections::VecDeque;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::{CipherKind, Keys, MacKind, Opener, Sealer, random};
use crate::data::{Reader, msg, put_string, put_u32};
use crate::error::TransportError;
use crate::event::Disconnect;
use crate::kex::{self, Ephemeral, Exchange, KexInit, Negotiated};

/// Longest identification string taken, with its end, in bytes. RFC 4253 §4.2 allows 255.
const MAX_LINE: usize = 1024;

/// A host key as the server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerKey {
    /// The public key blob, K_S.
    pub blob: Vec<u8>,
    /// The signature algorithms it signs with, best first.
    pub algorithms: Vec<Vec<u8>>,
}

/// What the server says of itself.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Our identification string without CR LF.
    pub identification: Vec<u8>,
    /// What we offer. Its host key algorithms are not looked at: they are those of `host_keys`.
    pub offer: KexInit,
    /// The host keys.
    pub host_keys: Vec<ServerKey>,
    /// Extensions for a client that takes them (RFC 8308): name and value.
    pub extensions: Vec<(Vec<u8>, Vec<u8>)>,
}

/// One thing that came from the client, or that is wanted of the server.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerEvent {
    /// The client's identification string, without CR LF.
    Identification(Vec<u8>),
    /// What both KEXINITs come to.
    Negotiated(Box<Negotiated>),
    /// The signature of a host key over the exchange hash is wanted. Nothing goes on before
    /// [`ServerTransport::sign`].
    Sign {
        /// Which of the host keys.
        key: usize,
        /// The signature algorithm.
        algorithm: Vec<u8>,
        /// H.
        hash: Vec<u8>,
    },
    /// Both directions are encrypted.
    Open,
    /// A message of services (5) or authentication (50 to 79), the whole payload; wiped on drop,
    /// for it may hold a password.
    Message(Zeroizing<Vec<u8>>),
    /// SSH_MSG_DISCONNECT.
    Disconnect(Disconnect),
}

/// The client's share was answered; the signature is missing.
struct Unsigned {
    hash: Vec<u8>,
    key: usize,
    share: Vec<u8>,
    outgoing: (CipherKind, Option<MacKind>, Keys),
    incoming: (CipherKind, Option<MacKind>, Keys),
}

enum State {
    /// No KEXINIT yet.
    Start,
    /// The client's share is awaited; the flag: a wrongly guessed one comes first.
    Share(Box<Negotiated>, bool),
    /// The signature is awaited.
    Signature(Box<Unsigned>),
    /// The client's NEWKEYS is awaited, with the keys for what follows it.
    NewKeys(Box<(CipherKind, Option<MacKind>, Keys)>),
    Open,
}

/// The server's side of one connection.
pub struct ServerTransport {
    /// All connections of a server share it.
    config: Arc<ServerConfig>,
    offer: Box<KexInit>,
    input: Vec<u8>,
    output: Vec<u8>,
    events: VecDeque<ServerEvent>,
    sealer: Sealer,
    opener: Opener,
    client_id: Option<Vec<u8>>,
    our_init: Vec<u8>,
    their_init: Vec<u8>,
    takes_extensions: bool,
    strict: bool,
    state: State,
    session_id: Vec<u8>,
    host_key: usize,
    dead: Option<TransportError>,
    disconnected: bool,
}

impl ServerTransport {
    /// Starts: our identification string and KEXINIT lie in the output at once.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new(config: Arc<ServerConfig>) -> Result<Self, TransportError> {
        let algorithms: Vec<&[u8]> = config
            .host_keys
            .iter()
            .flat_map(|k| k.algorithms.iter().map(Vec::as_slice))
            .collect();
        let offer = Box::new(KexInit {
            host_key: algorithms.join(&b","[..]),
            ..config.offer.clone()
        });
        let mut cookie = [0u8; 16];
        if !random(&mut cookie) {
            return Err(TransportError::Crypto);
        }
        let mut output = config.identification.clone();
        output.extend_from_slice(b"\r\n");
        let mut this = Self {
            our_init: offer.to_payload(&cookie),
            offer,
            config,
            input: Vec::new(),
            output,
            events: VecDeque::new(),
            sealer: Sealer::plain(),
            opener: Opener::plain(),
            client_id: None,
            their_init: Vec::new(),
            takes_extensions: false,
            strict: false,
            state: State::Start,
            session_id: Vec::new(),
            host_key: 0,
            dead: None,
            disconnected: false,
        };
        let init = this.our_init.clone();
        this.emit(&init)?;
        Ok(this)
    }

    /// Takes bytes from the client. Events of what came before an error can still be had.
    ///
    /// # Errors
    /// The peer broke the protocol: the transport is dead from then on.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        self.input.extend_from_slice(bytes);
        let result = self.advance();
        self.settle(result)
    }

    /// The signature that [`ServerEvent::Sign`] asked for, as a blob (RFC 4253 §6.6).
    ///
    /// # Errors
    /// It was not asked for, or the peer broke the protocol in what it sent meanwhile.
    pub fn sign(&mut self, signature: &[u8]) -> Result<(), TransportError> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        let result = self.reply(signature).and_then(|()| self.advance());
        self.settle(result)
    }

    fn settle(&mut self, result: Result<(), TransportError>) -> Result<(), TransportError> {
        if let Err(error) = &result {
            self.dead = Some(error.clone());
            self.input = Vec::new();
        }
        result
    }

    /// What is to be sent to the client now.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The oldest event not yet taken.
    pub fn next_event(&mut self) -> Option<ServerEvent> {
        self.events.pop_front()
    }

    /// The session identifier; empty before the key exchange.
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        &self.session_id
    }

    /// The blob of the host key that this connection was shown.
    #[must_use]
    pub fn host_key(&self) -> &[u8] {
        let key = self.config.host_keys.get(self.host_key);
        key.map_or(&[], |k| k.blob.as_slice())
    }

    /// True after SSH_MSG_DISCONNECT of either side.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        self.disconnected
    }

    /// Sends a payload. Before the keys are there this is an error.
    ///
    /// # Errors
    /// The transport is not open.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        match self.state {
            State::Open if self.dead.is_none() => self.emit(payload),
            _ => Err(TransportError::Dead),
        }
    }

    /// Sends SSH_MSG_DISCONNECT with a reason code and a text; nothing goes out after it.
    pub fn disconnect(&mut self, code: u32, text: &[u8]) {
        // Between our NEWKEYS and the client's it goes under the new keys, as it has to.
        if self.disconnected {
            return;
        }
        let mut out = vec![msg::DISCONNECT];
        put_u32(&mut out, code);
        put_string(&mut out, text);
        put_string(&mut out, b"");
        // Without random bytes there is nothing more to say.
        let _ = self.emit(&out);
        self.disconnected = true;
    }

    fn emit(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        self.sealer.send(payload, &mut self.output)
    }

    fn advance(&mut self) -> Result<(), TransportError> {
        let mut at = 0;
        if self.client_id.is_none() {
            let Some(end) = self.input.iter().position(|b| *b == b'\n') else {
                // What cannot become an identification string need not be waited for.
                let prefix = b"SSH-";
                let short = self.input.len().min(prefix.len());
                if self.input.get(..short) != prefix.get(..short) {
                    return Err(TransportError::ProtocolVersion(self.said()));
                }
                if self.input.len() > MAX_LINE {
                    return Err(TransportError::PreambleTooLong);
                }
                return Ok(());
            };
            at = end + 1;
            self.identification(end)?;
        }
        while !self.disconnected && !matches!(self.state, State::Signature(_)) {
            let rest = self.input.get(at..).unwrap_or_default();
            let seq = self.opener.seq();
            let Some((payload, used)) = self.opener.open(rest)? else {
                break;
            };
            at += used;
            self.message(Zeroizing::new(payload), seq)?;
        }
        if self.disconnected {
            self.input = Vec::new();
        } else {
            self.input.drain(..at);
        }
        Ok(())
    }

    /// The start of what came, for a message.
    fn said(&self) -> Vec<u8> {
        self.input.iter().take(64).copied().collect()
    }

    fn identification(&mut self, end: usize) -> Result<(), TransportError> {
        let line = self.input.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        if line.len() > MAX_LINE {
            return Err(TransportError::PreambleTooLong);
        }
        if !line.starts_with(b"SSH-2.0-") {
            return Err(TransportError::ProtocolVersion(self.said()));
        }
        self.events
            .push_back(ServerEvent::Identification(line.clone()));
        self.client_id = Some(line);
        Ok(())
    }

    fn message(&mut self, payload: Zeroizing<Vec<u8>>, seq: u32) -> Result<(), TransportError> {
        let number = payload.first().copied().unwrap_or(0);
        let open = matches!(self.state, State::Open);
        // RFC 4253 §7.1, and strict key exchange: until the keys are there, nothing else comes.
        let unexpected = TransportError::Unexpected(number);
        match number {
            msg::DISCONNECT => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let code = r.u32().ok_or(TransportError::Malformed(number))?;
                let text = r.string().unwrap_or_default().to_vec();
                self.disconnected = true;
                self.events
                    .push_back(ServerEvent::Disconnect(Disconnect { code, text }));
            }
            msg::IGNORE | msg::UNIMPLEMENTED | msg::DEBUG => {
                if self.strict && !open {
                    return Err(TransportError::StrictKex);
                }
            }
            msg::KEXINIT if matches!(self.state, State::Start) => self.kexinit(payload, seq)?,
            msg::KEX_ECDH_INIT => self.share(&payload)?,
            msg::NEWKEYS => self.newkeys()?,
            // New keys are for long sessions.
            msg::KEXINIT | 30..=49 => return Err(unexpected),
            _ if !open => return Err(unexpected),
            msg::EXT_INFO => {}
            msg::SERVICE_REQUEST | 50..=79 => {
                self.events.push_back(ServerEvent::Message(payload));
            }
            // RFC 4252 §6: what belongs to connections before the login ends it.
            80..=127 => return Err(unexpected),
            _ => {
                let mut out = vec![msg::UNIMPLEMENTED];
                put_u32(&mut out, seq);
                self.emit(&out)?;
            }
        }
        Ok(())
    }

    fn kexinit(&mut self, payload: Zeroizing<Vec<u8>>, seq: u32) -> Result<(), TransportError> {
        let theirs = KexInit::parse(&payload).ok_or(TransportError::Malformed(msg::KEXINIT))?;
        let negotiated = kex::negotiate(&theirs, &self.offer)?;
        self.strict = negotiated.strict;
        if self.strict && seq != 0 {
            return Err(TransportError::StrictKex);
        }
        self.takes_extensions = theirs.says(b"ext-info-c");
        let guessed = theirs.first_kex_packet_follows && negotiated.guesses_differ;
        self.their_init = payload.to_vec();
        self.events
            .push_back(ServerEvent::Negotiated(Box::new(negotiated.clone())));
        self.state = State::Share(Box::new(negotiated), guessed);
        Ok(())
    }

    fn share(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let number = msg::KEX_ECDH_INIT;
        let State::Share(agreed, guessed) = &mut self.state else {
            return Err(TransportError::Unexpected(number));
        };
        if std::mem::take(guessed) {
            return Ok(());
        }
        let agreed = agreed.clone();
        let mut r = Reader::new(payload.get(1..).unwrap_or_default());
        let theirs = r.string().ok_or(TransportError::Malformed(number))?;
        let secret = Ephemeral::new(&agreed.kex, &mut random)?;
        let (share, shared) = secret.answer(theirs).ok_or(TransportError::BadKeyShare)?;
        let key = self
            .config
            .host_keys
            .iter()
            .position(|k| k.algorithms.contains(&agreed.host_key))
            .ok_or(TransportError::NoCommon(kex::KexList::HostKey))?;
        self.host_key = key;
        let hash = Exchange {
            client_version: self.client_id.as_deref().unwrap_or_default(),
            server_version: &self.config.identification,
            client_init: &self.their_init,
            server_init: &self.our_init,
            host_key: self.host_key(),
            client_share: theirs,
            server_share: &share,
        }
        .hash(secret.hash(), &shared);
        let (cipher_in, mac_in) = agreed.client_to_server()?;
        let (cipher_out, mac_out) = agreed.server_to_client()?;
        let derive = |letters, cipher, mac| {
            kex::derive(secret.hash(), &shared, &hash, &hash, letters, cipher, mac)
        };
        let incoming = derive(*b"ACE", cipher_in, mac_in);
        let outgoing = derive(*b"BDF", cipher_out, mac_out);
        self.events.push_back(ServerEvent::Sign {
            key,
            algorithm: agreed.host_key.clone(),
            hash: hash.clone(),
        });
        self.state = State::Signature(Box::new(Unsigned {
            hash,
            key,
            share,
            outgoing: (cipher_out, mac_out, outgoing),
            incoming: (cipher_in, mac_in, incoming),
        }));
        Ok(())
    }

    fn reply(&mut self, signature: &[u8]) -> Result<(), TransportError> {
        let State::Signature(unsigned) = std::mem::replace(&mut self.state, State::Start) else {
            return Err(TransportError::Crypto);
        };
        let Unsigned {
            hash,
            key,
            share,
            outgoing: (cipher, mac, keys),
            incoming,
        } = *unsigned;
        let blob = self.config.host_keys.get(key).map(|k| k.blob.as_slice());
        let mut out = vec![msg::KEX_ECDH_REPLY];
        put_string(&mut out, blob.unwrap_or_default());
        put_string(&mut out, &share);
        put_string(&mut out, signature);
        self.emit(&out)?;
        self.emit(&[msg::NEWKEYS])?;
        self.sealer.rekey(cipher, mac, &keys, self.strict)?;
        if self.takes_extensions && !self.config.extensions.is_empty() {
            let mut out = vec![msg::EXT_INFO];
            let count = u32::try_from(self.config.extensions.len()).unwrap_or(0);
            put_u32(&mut out, count);
            for (name, value) in &self.config.extensions {
                put_string(&mut out, name);
                put_string(&mut out, value);
            }
            self.emit(&out)?;
        }
        self.session_id = hash;
        self.state = State::NewKeys(Box::new(incoming));
        Ok(())
    }

    fn newkeys(&mut self) -> Result<(), TransportError> {
        let State::NewKeys(incoming) = std::mem::replace(&mut self.state, State::Open) else {
            return Err(TransportError::Unexpected(msg::NEWKEYS));
        };
        let (cipher, mac, keys) = *incoming;
        self.opener.rekey(cipher, mac, &keys, self.strict)?;
        self.their_init = Vec::new();
        self.our_init = Vec::new();
        self.events.push_back(ServerEvent::Open);
        Ok(())
    }
}
