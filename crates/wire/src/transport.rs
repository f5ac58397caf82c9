//! RFC 4253 without a socket: bytes in, bytes and events out.
//!
//! **Invariant:** what is buffered is bounded by what was fed last and one packet;
//! a server that does not keep to the protocol ends the transport, nothing else.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use crate::cipher::{CipherKind, MacKind, Opener, Sealer, random};
use crate::data::{Reader, msg, put_bool, put_string, put_u8, put_u32};
use crate::error::TransportError;
use crate::event::{DebugMessage, Disconnect, Event, Extension};
use crate::hostkey;
use crate::kex::{self, Ephemeral, Exchange, KexInit, Negotiated, Side};

/// Most lines taken before the identification string, as OpenSSH's client does.
const MAX_PREAMBLE_LINES: usize = 1024;
/// Most bytes of all those lines together.
const MAX_PREAMBLE_BYTES: usize = 64 * 1024;
/// Longest line of them, in bytes (sshd's `SSH_MAX_BANNER_LEN`).
const MAX_LINE: usize = 8192;
/// Key exchanges in one connection.
const MAX_REKEYS: u32 = 1024;
/// Packets in one direction under one key: far below where any cipher wears out.
const MAX_PACKETS: u32 = 1 << 30;

/// How the transport introduces itself.
#[derive(Clone, Debug)]
pub struct TransportConfig {
    /// Our identification string without CR LF.
    pub identification: Vec<u8>,
    /// What we offer; see [`kex::default_offer`].
    pub offer: KexInit,
    /// Send an EXT_INFO of our own with `ext-info-in-auth@openssh.com`, so that a
    /// server of 9.6 or later tells the algorithms it takes from *this* user.
    pub ext_info_in_auth: bool,
    /// Host key blobs that are let pass; `None` lets any pass whose signature holds.
    pub host_keys: Option<Vec<Vec<u8>>>,
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            identification: b"SSH-2.0-sshwhy_0.1".to_vec(),
            offer: kex::default_offer(),
            ext_info_in_auth: true,
            host_keys: None,
        }
    }
}

/// A key exchange under way.
struct Exchanging {
    our_init: Vec<u8>,
    their_init: Vec<u8>,
    negotiated: Option<Negotiated>,
    secret: Option<Ephemeral>,
    pass_over_guess: bool,
    /// Keys for what comes, waiting for the server's NEWKEYS.
    incoming: Option<(CipherKind, Option<MacKind>, crate::cipher::Keys)>,
}

/// The client's side of one connection.
pub struct Transport {
    config: TransportConfig,
    input: Vec<u8>,
    output: Vec<u8>,
    held: Vec<Zeroizing<Vec<u8>>>,
    events: VecDeque<Event>,
    sealer: Sealer,
    opener: Opener,
    server_id: Option<Vec<u8>>,
    preamble: (usize, usize),
    kex: Option<Exchanging>,
    session_id: Option<Vec<u8>>,
    host_key: Option<Vec<u8>>,
    strict: bool,
    server_takes_ext_info: bool,
    exchanges: u32,
    dead: Option<TransportError>,
    disconnected: bool,
}

impl Transport {
    /// Starts: our identification string and KEXINIT lie in the output at once.
    pub fn new(config: TransportConfig) -> Result<Self, TransportError> {
        let mut output = config.identification.clone();
        output.extend_from_slice(b"\r\n");
        let mut this = Self {
            config,
            input: Vec::new(),
            output,
            held: Vec::new(),
            events: VecDeque::new(),
            sealer: Sealer::plain(),
            opener: Opener::plain(),
            server_id: None,
            preamble: (0, 0),
            kex: None,
            session_id: None,
            host_key: None,
            strict: false,
            server_takes_ext_info: false,
            exchanges: 0,
            dead: None,
            disconnected: false,
        };
        this.start_kex()?;
        Ok(this)
    }

    /// Takes bytes from the server. Events of what came before an error can still be had.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        self.input.extend_from_slice(bytes);
        let result = self.advance();
        if let Err(error) = &result {
            self.dead = Some(error.clone());
            self.input = Vec::new();
        }
        result
    }

    /// What is to be sent to the server now.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The oldest event not yet taken.
    pub fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// The session identifier: H of the first key exchange. `None` before it.
    #[must_use]
    pub fn session_id(&self) -> Option<&[u8]> {
        self.session_id.as_deref()
    }

    /// The verified host key blob. `None` before the first key exchange.
    #[must_use]
    pub fn host_key(&self) -> Option<&[u8]> {
        self.host_key.as_deref()
    }

    /// True once payloads travel encrypted (they may be sent before, and are held).
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.session_id.is_some() && self.kex.is_none() && self.dead.is_none()
    }

    /// True after the server's SSH_MSG_DISCONNECT.
    #[must_use]
    pub fn is_disconnected(&self) -> bool {
        self.disconnected
    }

    /// Why the transport is dead, if it is.
    #[must_use]
    pub fn error(&self) -> Option<&TransportError> {
        self.dead.as_ref()
    }

    /// Sends a payload, or holds it until a key exchange under way is done.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        if self.session_id.is_none() || self.kex.is_some() {
            if self.held.len() >= 1024 {
                return Err(TransportError::TooMuch);
            }
            self.held.push(Zeroizing::new(payload.to_vec()));
            return Ok(());
        }
        self.emit(payload)
    }

    /// Sends SSH_MSG_DISCONNECT with a reason code and a text.
    pub fn disconnect(&mut self, code: u32, text: &[u8]) -> Result<(), TransportError> {
        let mut out = vec![msg::DISCONNECT];
        put_u32(&mut out, code);
        put_string(&mut out, text);
        put_string(&mut out, b"");
        self.emit(&out)
    }

    /// Asks for new keys (RFC 4253 §9). No effect while an exchange is under way.
    pub fn rekey(&mut self) -> Result<(), TransportError> {
        if self.is_open() {
            self.start_kex()
        } else {
            Ok(())
        }
    }

    fn emit(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        if self.sealer.seq() > MAX_PACKETS {
            return Err(TransportError::TooMuch);
        }
        self.sealer.send(payload, &mut self.output)
    }

    fn start_kex(&mut self) -> Result<(), TransportError> {
        self.exchanges += 1;
        if self.exchanges > MAX_REKEYS {
            return Err(TransportError::TooMuch);
        }
        let mut cookie = [0u8; 16];
        if !random(&mut cookie) {
            return Err(TransportError::Crypto);
        }
        let our_init = self.config.offer.to_payload(&cookie);
        self.emit(&our_init)?;
        self.kex = Some(Exchanging {
            our_init,
            their_init: Vec::new(),
            negotiated: None,
            secret: None,
            pass_over_guess: false,
            incoming: None,
        });
        Ok(())
    }

    fn advance(&mut self) -> Result<(), TransportError> {
        let mut at = 0;
        while self.server_id.is_none() {
            let rest = self.input.get(at..).unwrap_or_default();
            let Some(end) = rest.iter().position(|b| *b == b'\n') else {
                if rest.len() > MAX_LINE {
                    return Err(TransportError::PreambleTooLong);
                }
                self.input.drain(..at);
                return Ok(());
            };
            let line = rest.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
            at += end + 1;
            self.line(line)?;
        }
        while !self.disconnected {
            let rest = self.input.get(at..).unwrap_or_default();
            let seq = self.opener.seq();
            if seq > MAX_PACKETS {
                return Err(TransportError::TooMuch);
            }
            let Some((payload, used)) = self.opener.open(rest)? else {
                break;
            };
            at += used;
            self.message(payload, seq)?;
        }
        if self.disconnected {
            self.input = Vec::new();
        } else {
            self.input.drain(..at);
        }
        Ok(())
    }

    fn line(&mut self, line: Vec<u8>) -> Result<(), TransportError> {
        if line.len() > MAX_LINE {
            return Err(TransportError::PreambleTooLong);
        }
        if line.starts_with(b"SSH-") {
            let good = line.starts_with(b"SSH-2.0-") || line.starts_with(b"SSH-1.99-");
            self.events.push_back(Event::Identification(line.clone()));
            if !good {
                return Err(TransportError::ProtocolVersion(line));
            }
            self.server_id = Some(line);
            return Ok(());
        }
        self.preamble.0 += 1;
        self.preamble.1 += line.len();
        self.events.push_back(Event::PreambleLine(line));
        if self.preamble.0 > MAX_PREAMBLE_LINES || self.preamble.1 > MAX_PREAMBLE_BYTES {
            return Err(TransportError::PreambleTooLong);
        }
        Ok(())
    }

    fn message(&mut self, payload: Vec<u8>, seq: u32) -> Result<(), TransportError> {
        let number = payload.first().copied().unwrap_or(0);
        let first_exchange = self.session_id.is_none() || self.exchanges == 1 && self.kex.is_some();
        let began = self.kex.as_ref().is_some_and(|k| k.negotiated.is_some());
        // RFC 4253 §7.1: between KEXINIT and NEWKEYS only these; under strict kex,
        // the first time, not even 2 to 4.
        let always = matches!(number, msg::DISCONNECT..=msg::DEBUG);
        let kexish = matches!(number, msg::KEXINIT | msg::NEWKEYS | 30..=49);
        if first_exchange || began {
            if !always && !kexish {
                return Err(TransportError::Unexpected(number));
            }
            if first_exchange && began && self.strict && !kexish && number != msg::DISCONNECT {
                return Err(TransportError::StrictKex);
            }
        }
        let bad = TransportError::Malformed(number);
        match number {
            msg::DISCONNECT => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let code = r.u32().ok_or(bad)?;
                let text = r.string().unwrap_or_default().to_vec();
                self.disconnected = true;
                self.events
                    .push_back(Event::Disconnect(Disconnect { code, text }));
            }
            msg::IGNORE => {
                self.events
                    .push_back(Event::Ignore(payload.len().saturating_sub(5)));
            }
            msg::UNIMPLEMENTED => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                self.events
                    .push_back(Event::Unimplemented(r.u32().ok_or(bad)?));
            }
            msg::DEBUG => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let always_display = r.boolean().ok_or(bad.clone())?;
                let text = r.string().ok_or(bad)?.to_vec();
                self.events.push_back(Event::Debug(DebugMessage {
                    always_display,
                    text,
                }));
            }
            msg::EXT_INFO => {
                let extensions = parse_ext_info(&payload).ok_or(bad)?;
                self.events.push_back(Event::ExtInfo(extensions));
            }
            msg::KEXINIT => self.kexinit(payload, seq)?,
            msg::NEWKEYS => self.newkeys()?,
            30..=49 => self.kex_reply(&payload)?,
            msg::GLOBAL_REQUEST => {
                let mut r = Reader::new(payload.get(1..).unwrap_or_default());
                let name = r.string().ok_or(bad.clone())?.to_vec();
                let want_reply = r.boolean().ok_or(bad)?;
                let data = r.rest().to_vec();
                if want_reply {
                    self.send(&[msg::REQUEST_FAILURE])?;
                }
                self.events.push_back(Event::GlobalRequest {
                    name,
                    want_reply,
                    data,
                });
            }
            msg::SERVICE_ACCEPT | 50..=79 | 81..=127 => {
                self.events.push_back(Event::Message(payload));
            }
            _ => {
                let mut out = vec![msg::UNIMPLEMENTED];
                put_u32(&mut out, seq);
                self.send(&out)?;
                self.events.push_back(Event::Unknown(number));
            }
        }
        Ok(())
    }

    fn kexinit(&mut self, payload: Vec<u8>, seq: u32) -> Result<(), TransportError> {
        if self.kex.is_none() {
            self.start_kex()?;
        }
        let first = self.session_id.is_none();
        let theirs = KexInit::parse(&payload).ok_or(TransportError::Malformed(msg::KEXINIT))?;
        self.events
            .push_back(Event::ServerKexInit(Box::new(theirs.clone())));
        let kex = self
            .kex
            .as_mut()
            .ok_or(TransportError::Unexpected(msg::KEXINIT))?;
        if kex.negotiated.is_some() {
            return Err(TransportError::Unexpected(msg::KEXINIT));
        }
        let negotiated = kex::negotiate(&self.config.offer, &theirs)?;
        if first {
            self.strict = negotiated.strict;
            self.server_takes_ext_info = theirs.says(b"ext-info-s");
            if self.strict && seq != 0 {
                return Err(TransportError::StrictKex);
            }
        }
        let secret = Ephemeral::new(&negotiated.kex, Side::Client, &mut random)?;
        let mut init = vec![msg::KEX_ECDH_INIT];
        put_string(&mut init, &secret.public());
        kex.their_init = payload;
        kex.pass_over_guess = theirs.first_kex_packet_follows && negotiated.guesses_differ;
        kex.secret = Some(secret);
        kex.negotiated = Some(negotiated.clone());
        self.events
            .push_back(Event::Negotiated(Box::new(negotiated)));
        self.emit(&init)
    }

    fn kex_reply(&mut self, payload: &[u8]) -> Result<(), TransportError> {
        let number = payload.first().copied().unwrap_or(0);
        let unexpected = TransportError::Unexpected(number);
        let kex = self.kex.as_mut().ok_or(unexpected.clone())?;
        if std::mem::take(&mut kex.pass_over_guess) {
            return Ok(());
        }
        if number != msg::KEX_ECDH_REPLY {
            return Err(unexpected);
        }
        let (Some(secret), Some(agreed)) = (kex.secret.take(), kex.negotiated.clone()) else {
            return Err(unexpected);
        };
        let mut r = Reader::new(payload.get(1..).unwrap_or_default());
        let (Some(blob), Some(share), Some(sig)) = (r.string(), r.string(), r.string()) else {
            return Err(TransportError::Malformed(number));
        };
        let shared = secret.agree(share).ok_or(TransportError::BadKeyShare)?;
        let hash = secret.hash();
        let h = Exchange {
            client_version: &self.config.identification,
            server_version: self.server_id.as_deref().unwrap_or_default(),
            client_init: &kex.our_init,
            server_init: &kex.their_init,
            host_key: blob,
            client_share: &secret.public(),
            server_share: share,
        }
        .hash(hash, &shared);
        let seen = hostkey::check(blob, sig, &agreed.host_key, &h);
        let verified = seen.verified;
        self.events.push_back(Event::HostKey(Box::new(seen)));
        if !verified {
            return Err(TransportError::HostKeySignature);
        }
        if self
            .config
            .host_keys
            .as_ref()
            .is_some_and(|keys| keys.iter().all(|key| key != blob))
        {
            return Err(TransportError::HostKeyNotExpected);
        }
        if self
            .host_key
            .as_deref()
            .is_some_and(|before| before != blob)
        {
            return Err(TransportError::HostKeyChanged);
        }
        self.host_key = Some(blob.to_vec());
        let first = self.session_id.is_none();
        let id = self.session_id.get_or_insert_with(|| h.clone()).clone();
        let (cipher_out, mac_out) = agreed.client_to_server()?;
        let (cipher_in, mac_in) = agreed.server_to_client()?;
        let outgoing = kex::derive(hash, &shared, &h, &id, *b"ACE", cipher_out, mac_out);
        let incoming = kex::derive(hash, &shared, &h, &id, *b"BDF", cipher_in, mac_in);
        kex.incoming = Some((cipher_in, mac_in, incoming));
        self.emit(&[msg::NEWKEYS])?;
        self.sealer
            .rekey(cipher_out, mac_out, &outgoing, self.strict)?;
        if first && self.config.ext_info_in_auth && self.server_takes_ext_info {
            let mut out = vec![msg::EXT_INFO];
            put_u32(&mut out, 1);
            put_string(&mut out, b"ext-info-in-auth@openssh.com");
            put_string(&mut out, b"0");
            self.emit(&out)?;
        }
        // Our side is done: what was held may go under the new keys at once.
        for payload in std::mem::take(&mut self.held) {
            self.emit(&payload)?;
        }
        Ok(())
    }

    fn newkeys(&mut self) -> Result<(), TransportError> {
        let unexpected = TransportError::Unexpected(msg::NEWKEYS);
        let kex = self.kex.take().ok_or(unexpected.clone())?;
        let (cipher, mac, keys) = kex.incoming.ok_or(unexpected)?;
        self.opener.rekey(cipher, mac, &keys, self.strict)?;
        self.events.push_back(Event::NewKeys {
            first: self.exchanges == 1,
        });
        for payload in std::mem::take(&mut self.held) {
            self.emit(&payload)?;
        }
        Ok(())
    }
}

fn parse_ext_info(payload: &[u8]) -> Option<Vec<Extension>> {
    let mut r = Reader::new(payload.get(1..)?);
    let count = r.u32()?;
    let mut out = Vec::new();
    for _ in 0..count {
        let (name, value) = (r.string()?.to_vec(), r.string()?.to_vec());
        out.push(Extension { name, value });
    }
    Some(out)
}

/// SSH_MSG_GLOBAL_REQUEST that no server knows: its refusal proves that all before it was read.
pub(crate) fn barrier() -> Vec<u8> {
    let mut out = Vec::new();
    put_u8(&mut out, msg::GLOBAL_REQUEST);
    put_string(&mut out, b"keepalive@openssh.com");
    put_bool(&mut out, true);
    out
}
