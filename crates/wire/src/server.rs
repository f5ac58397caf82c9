//! The server's side of RFC 4253 without a socket: bytes in, bytes and events out.
//!
//! It holds no secret that outlives a connection: the host key's signature over the exchange hash is
//! asked for by [`ServerEvent::Sign`] and given by [`ServerTransport::sign`].
//!
//! **Invariant:** what is buffered is bounded by what was fed last, one packet, and what may wait for
//! new keys; a peer that does not keep to the protocol ends the transport, nothing else. Up to
//! [`ServerTransport::admit`] keys are exchanged once, and nothing of the connection protocol passes.

use std::collections::VecDeque;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::cipher::{CipherKind, Keys, MacKind, Opener, Sealer, random};
use crate::data::{Reader, msg, put_string, put_u32};
use crate::error::TransportError;
use crate::event::Disconnect;
use crate::kex::{self, Ephemeral, KexInit, Negotiated, Side};

/// Longest identification string taken, with its end, in bytes. RFC 4253 §4.2 allows 255.
const MAX_LINE: usize = 1024;
/// Messages that may wait for new keys. What they answer came before the client asked for the keys,
/// or before it heard that we do.
const MOST_HELD: usize = 4096;

/// Bytes that may be on the way when new keys are asked for: every window and buffer there is.
const ON_THE_WAY: u64 = 64 << 20;

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
    /// After so many bytes, both directions together, new keys are asked for; see [`REKEY_AFTER`].
    pub rekey_after: u64,
}

/// Bytes under one set of keys, as RFC 4253 §9 recommends it.
pub const REKEY_AFTER: u64 = 1 << 30;

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
    /// Both directions are encrypted, for the first time.
    Open,
    /// Both directions have new keys.
    Renewed,
    /// A message, the whole payload; wiped on drop, for it may hold a password. Before
    /// [`ServerTransport::admit`] of services (5) and authentication (50 to 79), then of connections
    /// (80 to 127).
    Message(Zeroizing<Vec<u8>>),
    /// SSH_MSG_DISCONNECT.
    Disconnect(Disconnect),
}

/// The client's share was answered; the signature is missing.
struct Unsigned {
    key: usize,
    share: Vec<u8>,
    outgoing: (CipherKind, Option<MacKind>, Keys),
    incoming: (CipherKind, Option<MacKind>, Keys),
}

/// Where an exchange of keys stands.
enum Exchange {
    /// None is under way.
    Idle,
    /// Our KEXINIT is out, the client's is awaited.
    Begun,
    /// The client's share is awaited; the flag: a wrongly guessed one comes first.
    Share(Box<Negotiated>, bool),
    /// The signature is awaited.
    Signature(Box<Unsigned>),
    /// Ours are in use. The client's NEWKEYS is awaited, with the keys for what follows it.
    NewKeys(Box<(CipherKind, Option<MacKind>, Keys)>),
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
    exchange: Exchange,
    /// The first exchange is over.
    open: bool,
    /// The login is over.
    admitted: bool,
    /// Bytes under these keys.
    under_keys: u64,
    /// Payloads that wait for new keys.
    held: VecDeque<Zeroizing<Vec<u8>>>,
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
        let mut output = config.identification.clone();
        output.extend_from_slice(b"\r\n");
        let mut this = Self {
            our_init: Vec::new(),
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
            exchange: Exchange::Idle,
            open: false,
            admitted: false,
            under_keys: 0,
            held: VecDeque::new(),
            session_id: Vec::new(),
            host_key: 0,
            dead: None,
            disconnected: false,
        };
        this.begin()?;
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
        let result = self.advance().and_then(|()| self.renew());
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

    /// The client is let in: from here on the connection protocol passes, and keys are renewed.
    pub fn admit(&mut self) {
        self.admitted = true;
    }

    /// False while what is sent would have to wait for new keys.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.open && matches!(self.exchange, Exchange::Idle | Exchange::NewKeys(_))
    }

    /// True after SSH_MSG_DISCONNECT of either side.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        self.disconnected
    }

    /// Sends a payload, or holds it while keys are renewed. Before the first keys this is an error.
    ///
    /// # Errors
    /// The transport is not open, or too much waits.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        if !self.open || self.dead.is_some() || self.disconnected {
            return Err(TransportError::Dead);
        }
        if !self.is_ready() {
            if self.held.len() >= MOST_HELD {
                return Err(TransportError::TooMuch);
            }
            self.held.push_back(Zeroizing::new(payload.to_vec()));
            return Ok(());
        }
        self.emit(payload)?;
        self.renew()
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
        let before = self.output.len();
        self.sealer.send(payload, &mut self.output)?;
        self.count(self.output.len() - before);
        Ok(())
    }

    fn count(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.under_keys = self.under_keys.saturating_add(bytes);
    }

    /// Asks for new keys where these are worn.
    fn renew(&mut self) -> Result<(), TransportError> {
        let limit = self.config.rekey_after;
        if !self.admitted || self.disconnected || self.under_keys < limit {
            return Ok(());
        }
        match self.exchange {
            Exchange::Idle => self.begin(),
            // It was asked, and goes on without answering.
            _ if self.under_keys > limit.saturating_mul(2).saturating_add(ON_THE_WAY) => {
                Err(TransportError::TooMuch)
            }
            _ => Ok(()),
        }
    }

    /// Sends our KEXINIT.
    fn begin(&mut self) -> Result<(), TransportError> {
        let mut cookie = [0u8; 16];
        if !random(&mut cookie) {
            return Err(TransportError::Crypto);
        }
        let init = self.offer.to_payload(&cookie);
        self.emit(&init)?;
        self.our_init = init;
        self.exchange = Exchange::Begun;
        Ok(())
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
        while !self.disconnected && !matches!(self.exchange, Exchange::Signature(_)) {
            let rest = self.input.get(at..).unwrap_or_default();
            let seq = self.opener.seq();
            let Some((payload, used)) = self.opener.open(rest)? else {
                break;
            };
            at += used;
            self.count(used);
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
        // RFC 4253 §7.1: between the client's KEXINIT and its NEWKEYS, and before the first, nothing
        // but the exchange goes on.
        let free = self.open && matches!(self.exchange, Exchange::Idle | Exchange::Begun);
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
                if self.strict && !self.open {
                    return Err(TransportError::StrictKex);
                }
            }
            msg::KEXINIT => self.kexinit(payload, seq)?,
            msg::NEWKEYS => self.newkeys()?,
            // RFC 4253 §7: of a wrong guess the next packet is passed over, whatever method it belongs to.
            30..=49 => {
                if let Exchange::Share(_, guessed) = &mut self.exchange
                    && std::mem::take(guessed)
                {
                    return Ok(());
                }
                if number != msg::KEX_ECDH_INIT {
                    return Err(unexpected);
                }
                self.share(&payload)?;
            }
            _ if !free => return Err(unexpected),
            msg::EXT_INFO => {}
            msg::SERVICE_REQUEST | 50..=79 if !self.admitted => {
                self.events.push_back(ServerEvent::Message(payload));
            }
            // RFC 4252 §5.1: requests behind the login are passed over in silence.
            50..=79 => {}
            80..=82 | 90..=100 if self.admitted => {
                self.events.push_back(ServerEvent::Message(payload));
            }
            // RFC 4252 §6: what belongs to connections before the login ends it.
            80..=127 if !self.admitted => return Err(unexpected),
            _ => {
                let mut out = vec![msg::UNIMPLEMENTED];
                put_u32(&mut out, seq);
                self.send(&out)?;
            }
        }
        Ok(())
    }

    fn kexinit(&mut self, payload: Zeroizing<Vec<u8>>, seq: u32) -> Result<(), TransportError> {
        match self.exchange {
            Exchange::Begun => {}
            // New keys are for sessions.
            Exchange::Idle if self.admitted => self.begin()?,
            _ => return Err(TransportError::Unexpected(msg::KEXINIT)),
        }
        let theirs = KexInit::parse(&payload).ok_or(TransportError::Malformed(msg::KEXINIT))?;
        let negotiated = kex::negotiate(&theirs, &self.offer)?;
        if !self.open {
            self.strict = negotiated.strict;
            if self.strict && seq != 0 {
                return Err(TransportError::StrictKex);
            }
            self.takes_extensions = theirs.says(b"ext-info-c");
        }
        let guessed = theirs.first_kex_packet_follows && negotiated.guesses_differ;
        self.their_init = payload.to_vec();
        self.events
            .push_back(ServerEvent::Negotiated(Box::new(negotiated.clone())));
        self.exchange = Exchange::Share(Box::new(negotiated), guessed);
        Ok(())
    }

    fn share(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let number = msg::KEX_ECDH_INIT;
        let Exchange::Share(agreed, _) = &self.exchange else {
            return Err(TransportError::Unexpected(number));
        };
        let agreed = agreed.clone();
        let mut r = Reader::new(payload.get(1..).unwrap_or_default());
        let theirs = r.string().ok_or(TransportError::Malformed(number))?;
        let secret = Ephemeral::new(&agreed.kex, Side::Server, &mut random)?;
        let (share, shared) = secret.answer(theirs).ok_or(TransportError::BadKeyShare)?;
        let key = self
            .config
            .host_keys
            .iter()
            .position(|k| k.algorithms.contains(&agreed.host_key))
            .ok_or(TransportError::NoCommon(kex::KexList::HostKey))?;
        let blob = self.config.host_keys.get(key).map(|k| k.blob.as_slice());
        let hash = kex::Exchange {
            client_version: self.client_id.as_deref().unwrap_or_default(),
            server_version: &self.config.identification,
            client_init: &self.their_init,
            server_init: &self.our_init,
            host_key: blob.unwrap_or_default(),
            client_share: theirs,
            server_share: &share,
        }
        .hash(secret.hash(), &shared);
        if !self.open {
            self.host_key = key;
            self.session_id = hash.clone();
        }
        let (cipher_in, mac_in) = agreed.client_to_server()?;
        let (cipher_out, mac_out) = agreed.server_to_client()?;
        let derive = |letters, cipher, mac| {
            let id = &self.session_id;
            kex::derive(secret.hash(), &shared, &hash, id, letters, cipher, mac)
        };
        let incoming = derive(*b"ACE", cipher_in, mac_in);
        let outgoing = derive(*b"BDF", cipher_out, mac_out);
        self.events.push_back(ServerEvent::Sign {
            key,
            algorithm: agreed.host_key.clone(),
            hash,
        });
        self.exchange = Exchange::Signature(Box::new(Unsigned {
            key,
            share,
            outgoing: (cipher_out, mac_out, outgoing),
            incoming: (cipher_in, mac_in, incoming),
        }));
        Ok(())
    }

    fn reply(&mut self, signature: &[u8]) -> Result<(), TransportError> {
        if self.disconnected {
            return Err(TransportError::Dead);
        }
        let Exchange::Signature(unsigned) = std::mem::replace(&mut self.exchange, Exchange::Idle)
        else {
            return Err(TransportError::Crypto);
        };
        let Unsigned {
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
        self.under_keys = 0;
        if !self.open && self.takes_extensions && !self.config.extensions.is_empty() {
            let mut out = vec![msg::EXT_INFO];
            let count = u32::try_from(self.config.extensions.len()).unwrap_or(0);
            put_u32(&mut out, count);
            for (name, value) in &self.config.extensions {
                put_string(&mut out, name);
                put_string(&mut out, value);
            }
            self.emit(&out)?;
        }
        self.exchange = Exchange::NewKeys(Box::new(incoming));
        // Our side is done: what waited goes under the new keys at once.
        while let Some(payload) = self.held.pop_front() {
            self.emit(&payload)?;
        }
        Ok(())
    }

    fn newkeys(&mut self) -> Result<(), TransportError> {
        let Exchange::NewKeys(incoming) = std::mem::replace(&mut self.exchange, Exchange::Idle)
        else {
            return Err(TransportError::Unexpected(msg::NEWKEYS));
        };
        let (cipher, mac, keys) = *incoming;
        self.opener.rekey(cipher, mac, &keys, self.strict)?;
        self.their_init = Vec::new();
        self.our_init = Vec::new();
        let first = !std::mem::replace(&mut self.open, true);
        self.events.push_back(if first {
            ServerEvent::Open
        } else {
            ServerEvent::Renewed
        });
        Ok(())
    }
}
