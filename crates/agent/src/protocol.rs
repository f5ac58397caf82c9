//! The messages of the agent protocol (draft-ietf-sshm-ssh-agent; OpenSSH's `PROTOCOL.agent`),
//! both ways, without any transport.
//!
//! Readers are total: every message of any bytes is a request, a response, or an error that names
//! the byte. What holds a secret is wiped on drop and has no `Debug`.

use crate::constraint::{self, Constraint};
use crate::identity::Identity;
use sshwhy_keys::BlobError;
use sshwhy_keys::wire::{Reader, put_string};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Longest message in bytes, without its length (`AGENT_MAX_LEN` of ssh-agent.c,
/// `AGENT_MAX_MSGLEN` of PuTTY).
pub const MAX_MESSAGE: usize = 256 * 1024;

/// Message numbers, named as the draft prints them.
pub mod msg {
    /// `SSH_AGENTC_REQUEST_RSA_IDENTITIES` of protocol 1, which old Pageant clients ask first.
    pub const REQUEST_RSA_IDENTITIES: u8 = 1;
    /// `SSH_AGENTC_REMOVE_ALL_RSA_IDENTITIES` of protocol 1, which Pageant's `-D` sends too.
    pub const REMOVE_ALL_RSA_IDENTITIES: u8 = 9;
    /// `SSH_AGENT_RSA_IDENTITIES_ANSWER` of protocol 1.
    pub const RSA_IDENTITIES_ANSWER: u8 = 2;
    /// `SSH_AGENT_FAILURE`
    pub const FAILURE: u8 = 5;
    /// `SSH_AGENT_SUCCESS`
    pub const SUCCESS: u8 = 6;
    /// `SSH_AGENTC_REQUEST_IDENTITIES`
    pub const REQUEST_IDENTITIES: u8 = 11;
    /// `SSH_AGENT_IDENTITIES_ANSWER`
    pub const IDENTITIES_ANSWER: u8 = 12;
    /// `SSH_AGENTC_SIGN_REQUEST`
    pub const SIGN_REQUEST: u8 = 13;
    /// `SSH_AGENT_SIGN_RESPONSE`
    pub const SIGN_RESPONSE: u8 = 14;
    /// `SSH_AGENTC_ADD_IDENTITY`
    pub const ADD_IDENTITY: u8 = 17;
    /// `SSH_AGENTC_REMOVE_IDENTITY`
    pub const REMOVE_IDENTITY: u8 = 18;
    /// `SSH_AGENTC_REMOVE_ALL_IDENTITIES`
    pub const REMOVE_ALL_IDENTITIES: u8 = 19;
    /// `SSH_AGENTC_ADD_SMARTCARD_KEY`
    pub const ADD_SMARTCARD_KEY: u8 = 20;
    /// `SSH_AGENTC_REMOVE_SMARTCARD_KEY`
    pub const REMOVE_SMARTCARD_KEY: u8 = 21;
    /// `SSH_AGENTC_LOCK`
    pub const LOCK: u8 = 22;
    /// `SSH_AGENTC_UNLOCK`
    pub const UNLOCK: u8 = 23;
    /// `SSH_AGENTC_ADD_ID_CONSTRAINED`
    pub const ADD_ID_CONSTRAINED: u8 = 25;
    /// `SSH_AGENTC_ADD_SMARTCARD_KEY_CONSTRAINED`
    pub const ADD_SMARTCARD_KEY_CONSTRAINED: u8 = 26;
    /// `SSH_AGENTC_EXTENSION`
    pub const EXTENSION: u8 = 27;
    /// `SSH_AGENT_EXTENSION_FAILURE`
    pub const EXTENSION_FAILURE: u8 = 28;
    /// `SSH_AGENT_EXTENSION_RESPONSE`
    pub const EXTENSION_RESPONSE: u8 = 29;
    /// `SSH2_AGENT_FAILURE` of ssh.com's agents, which clients take as a failure.
    pub const COM_AGENT2_FAILURE: u8 = 102;
}

/// Flag of a signature request: `SSH_AGENT_RSA_SHA2_256`.
pub const RSA_SHA2_256: u32 = 2;
/// Flag of a signature request: `SSH_AGENT_RSA_SHA2_512`.
pub const RSA_SHA2_512: u32 = 4;

/// Why a message is none of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    /// Byte offset in the message, without its length.
    pub offset: usize,
    /// What was expected there, or why it is refused.
    pub what: String,
}

impl ProtocolError {
    pub(crate) fn at(offset: usize, what: impl Into<String>) -> Self {
        ProtocolError {
            offset,
            what: what.into(),
        }
    }
}

impl From<BlobError> for ProtocolError {
    fn from(e: BlobError) -> Self {
        ProtocolError {
            offset: e.offset,
            what: e.to_string(),
        }
    }
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: {}", self.offset, self.what)
    }
}

impl std::error::Error for ProtocolError {}

/// What a client asks. It has no `Debug`, for it may hold keys and passphrases.
#[non_exhaustive]
pub enum Request {
    /// The keys of protocol 1; answered with an empty list.
    Protocol1Identities,
    /// Which keys there are.
    Identities,
    /// A signature.
    Sign {
        /// The key's blob.
        blob: Vec<u8>,
        /// What to sign.
        data: Vec<u8>,
        /// [`RSA_SHA2_256`], [`RSA_SHA2_512`].
        flags: u32,
    },
    /// Take a key.
    Add {
        /// The key.
        identity: Identity,
        /// What it may be used for.
        constraints: Vec<Constraint>,
    },
    /// Drop a key.
    Remove {
        /// The key's blob.
        blob: Vec<u8>,
    },
    /// Drop every key.
    RemoveAll,
    /// Take the keys of a token through a PKCS#11 library.
    AddToken {
        /// The library's path.
        provider: Vec<u8>,
        /// The PIN.
        pin: Zeroizing<Vec<u8>>,
        /// What the keys may be used for.
        constraints: Vec<Constraint>,
    },
    /// Drop the keys of a token.
    RemoveToken {
        /// The library's path.
        provider: Vec<u8>,
        /// The PIN.
        pin: Zeroizing<Vec<u8>>,
    },
    /// Refuse everything until unlocked with the same passphrase.
    Lock(Zeroizing<Vec<u8>>),
    /// End the lock.
    Unlock(Zeroizing<Vec<u8>>),
    /// An extension; see [`crate::extension`].
    Extension {
        /// Its name.
        name: Vec<u8>,
        /// What follows the name.
        body: Zeroizing<Vec<u8>>,
    },
    /// A message of another number.
    Other {
        /// The number.
        number: u8,
        /// What follows it.
        body: Zeroizing<Vec<u8>>,
    },
}

impl Request {
    /// Reads one message (without its length).
    ///
    /// # Errors
    /// Names the byte at which the message ends too soon, or is not what its number says.
    pub fn parse(message: &[u8]) -> Result<Request, ProtocolError> {
        let mut r = Reader::new(message);
        let number = r.u8("message number")?;
        let secret = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        let request = match number {
            msg::REQUEST_RSA_IDENTITIES => {
                // What follows is of no meaning.
                return Ok(Request::Protocol1Identities);
            }
            msg::REQUEST_IDENTITIES => Request::Identities,
            msg::SIGN_REQUEST => {
                let blob = r.string("key blob")?.to_vec();
                let data = r.string("data to sign")?.to_vec();
                // PuTTY before 0.68 and some libraries leave the flags out.
                let flags = if r.is_empty() { 0 } else { r.u32("flags")? };
                Request::Sign { blob, data, flags }
            }
            msg::ADD_IDENTITY | msg::ADD_ID_CONSTRAINED => {
                let identity = Identity::read(&mut r)?;
                let constraints = if number == msg::ADD_ID_CONSTRAINED && identity.is_known() {
                    constraint::read_all(&mut r)?
                } else {
                    Vec::new()
                };
                Request::Add {
                    identity,
                    constraints,
                }
            }
            msg::REMOVE_IDENTITY => Request::Remove {
                blob: r.string("key blob")?.to_vec(),
            },
            msg::REMOVE_ALL_IDENTITIES => Request::RemoveAll,
            msg::ADD_SMARTCARD_KEY | msg::ADD_SMARTCARD_KEY_CONSTRAINED => {
                let provider = r.string("provider")?.to_vec();
                let pin = secret(r.string("PIN")?);
                let constraints = if number == msg::ADD_SMARTCARD_KEY_CONSTRAINED {
                    constraint::read_all(&mut r)?
                } else {
                    Vec::new()
                };
                Request::AddToken {
                    provider,
                    pin,
                    constraints,
                }
            }
            msg::REMOVE_SMARTCARD_KEY => Request::RemoveToken {
                provider: r.string("provider")?.to_vec(),
                pin: secret(r.string("PIN")?),
            },
            msg::LOCK => Request::Lock(secret(r.string("passphrase")?)),
            msg::UNLOCK => Request::Unlock(secret(r.string("passphrase")?)),
            msg::EXTENSION => {
                let name = r.string("extension name")?.to_vec();
                let body = secret(r.rest());
                return Ok(Request::Extension { name, body });
            }
            number => {
                let body = secret(r.rest());
                return Ok(Request::Other { number, body });
            }
        };
        if r.is_empty() {
            Ok(request)
        } else {
            Err(ProtocolError::at(r.offset(), "bytes after the message"))
        }
    }

    /// The message, without its length.
    #[must_use]
    pub fn write(&self) -> Zeroizing<Vec<u8>> {
        // Room enough that a secret is not left behind where the buffer grew.
        let mut out = Zeroizing::new(Vec::with_capacity(self.room()));
        match self {
            Request::Protocol1Identities => out.push(msg::REQUEST_RSA_IDENTITIES),
            Request::Identities => out.push(msg::REQUEST_IDENTITIES),
            Request::Sign { blob, data, flags } => {
                out.push(msg::SIGN_REQUEST);
                put_string(&mut out, blob);
                put_string(&mut out, data);
                out.extend_from_slice(&flags.to_be_bytes());
            }
            Request::Add {
                identity,
                constraints,
            } => {
                out.push(if constraints.is_empty() {
                    msg::ADD_IDENTITY
                } else {
                    msg::ADD_ID_CONSTRAINED
                });
                identity.write(&mut out);
                constraint::write_all(constraints, &mut out);
            }
            Request::Remove { blob } => {
                out.push(msg::REMOVE_IDENTITY);
                put_string(&mut out, blob);
            }
            Request::RemoveAll => out.push(msg::REMOVE_ALL_IDENTITIES),
            Request::AddToken {
                provider,
                pin,
                constraints,
            } => {
                out.push(if constraints.is_empty() {
                    msg::ADD_SMARTCARD_KEY
                } else {
                    msg::ADD_SMARTCARD_KEY_CONSTRAINED
                });
                put_string(&mut out, provider);
                put_string(&mut out, pin);
                constraint::write_all(constraints, &mut out);
            }
            Request::RemoveToken { provider, pin } => {
                out.push(msg::REMOVE_SMARTCARD_KEY);
                put_string(&mut out, provider);
                put_string(&mut out, pin);
            }
            Request::Lock(passphrase) => {
                out.push(msg::LOCK);
                put_string(&mut out, passphrase);
            }
            Request::Unlock(passphrase) => {
                out.push(msg::UNLOCK);
                put_string(&mut out, passphrase);
            }
            Request::Extension { name, body } => {
                out.push(msg::EXTENSION);
                put_string(&mut out, name);
                out.extend_from_slice(body);
            }
            Request::Other { number, body } => {
                out.push(*number);
                out.extend_from_slice(body);
            }
        }
        out
    }

    fn room(&self) -> usize {
        64 + match self {
            Request::Sign { blob, data, .. } => blob.len() + data.len(),
            // A private key of 16384 bits, a certificate and their constraints.
            Request::Add { .. } => 32 * 1024,
            Request::AddToken { provider, pin, .. } | Request::RemoveToken { provider, pin } => {
                provider.len() + pin.len()
            }
            Request::Lock(passphrase) | Request::Unlock(passphrase) => passphrase.len(),
            Request::Extension { name, body } => name.len() + body.len(),
            Request::Other { body, .. } => body.len(),
            Request::Remove { blob } => blob.len(),
            Request::Protocol1Identities | Request::Identities | Request::RemoveAll => 0,
        }
    }
}

/// What an agent answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Response {
    /// Done.
    Success,
    /// Done, with the data of an extension.
    SuccessWith(Vec<u8>),
    /// Not done. The protocol gives no reason.
    Failure,
    /// The extension is known, and its request failed.
    ExtensionFailure,
    /// The answer of an extension.
    Extension {
        /// Its name.
        name: Vec<u8>,
        /// What follows the name.
        body: Vec<u8>,
    },
    /// The keys: blob and comment.
    Identities(Vec<(Vec<u8>, Vec<u8>)>),
    /// No key of protocol 1.
    Protocol1Identities,
    /// A signature blob (RFC 4253 §6.6).
    Signature(Vec<u8>),
    /// A message of another number.
    Other {
        /// The number.
        number: u8,
        /// What follows it.
        body: Vec<u8>,
    },
}

impl Response {
    /// Reads one message (without its length).
    ///
    /// # Errors
    /// Names the byte at which the message ends too soon, or is not what its number says.
    pub fn parse(message: &[u8]) -> Result<Response, ProtocolError> {
        let mut r = Reader::new(message);
        let number = r.u8("message number")?;
        let response = match number {
            msg::FAILURE | msg::COM_AGENT2_FAILURE => Response::Failure,
            msg::SUCCESS => match r.rest() {
                [] => Response::Success,
                data => return Ok(Response::SuccessWith(data.to_vec())),
            },
            msg::EXTENSION_FAILURE => Response::ExtensionFailure,
            msg::EXTENSION_RESPONSE => {
                let name = r.string("extension name")?.to_vec();
                let body = r.rest().to_vec();
                return Ok(Response::Extension { name, body });
            }
            msg::IDENTITIES_ANSWER => {
                let count = r.u32("number of keys")?;
                let mut keys = Vec::new();
                for _ in 0..count {
                    let blob = r.string("key blob")?.to_vec();
                    keys.push((blob, r.string("comment")?.to_vec()));
                }
                Response::Identities(keys)
            }
            msg::RSA_IDENTITIES_ANSWER => return Ok(Response::Protocol1Identities),
            msg::SIGN_RESPONSE => Response::Signature(r.string("signature")?.to_vec()),
            number => {
                let body = r.rest().to_vec();
                return Ok(Response::Other { number, body });
            }
        };
        if r.is_empty() {
            Ok(response)
        } else {
            Err(ProtocolError::at(r.offset(), "bytes after the message"))
        }
    }

    /// The message, without its length.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Response::Success => out.push(msg::SUCCESS),
            Response::SuccessWith(data) => {
                out.push(msg::SUCCESS);
                out.extend_from_slice(data);
            }
            Response::Failure => out.push(msg::FAILURE),
            Response::ExtensionFailure => out.push(msg::EXTENSION_FAILURE),
            Response::Extension { name, body } => {
                out.push(msg::EXTENSION_RESPONSE);
                put_string(&mut out, name);
                out.extend_from_slice(body);
            }
            Response::Identities(keys) => {
                out.push(msg::IDENTITIES_ANSWER);
                let count = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                out.extend_from_slice(&count.to_be_bytes());
                for (blob, comment) in keys {
                    put_string(&mut out, blob);
                    put_string(&mut out, comment);
                }
            }
            Response::Protocol1Identities => {
                out.push(msg::RSA_IDENTITIES_ANSWER);
                out.extend_from_slice(&[0; 4]);
            }
            Response::Signature(signature) => {
                out.push(msg::SIGN_RESPONSE);
                put_string(&mut out, signature);
            }
            Response::Other { number, body } => {
                out.push(*number);
                out.extend_from_slice(body);
            }
        }
        out
    }
}

/// A message with its length in front of it, as it goes over the wire.
#[must_use]
pub fn framed(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(message.len().saturating_add(4)));
    put_string(&mut out, message);
    out
}

/// A message is longer than [`MAX_MESSAGE`], or has no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLength(pub u32);

impl fmt::Display for BadLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "expected a message of 1 to {MAX_MESSAGE} bytes, found a length of {}",
            self.0
        )
    }
}

impl std::error::Error for BadLength {}

/// Puts messages together from the bytes of a stream, however they are cut. Memory is taken as
/// bytes arrive, not as a length promises; whatever was held is wiped.
#[derive(Default)]
pub struct Framer {
    header: [u8; 4],
    header_len: usize,
    want: usize,
    body: Zeroizing<Vec<u8>>,
}

impl Framer {
    /// At the beginning of a stream.
    #[must_use]
    pub fn new() -> Self {
        Framer::default()
    }

    /// Whether part of a message is held.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.header_len > 0
    }

    /// Takes bytes from the front of `input`: the message they complete, if any. What is left in
    /// `input` belongs to later messages.
    ///
    /// # Errors
    /// The length is 0 or above [`MAX_MESSAGE`]: the stream is of no more use.
    pub fn feed(&mut self, input: &mut &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, BadLength> {
        while self.header_len < 4 {
            let Some((first, rest)) = input.split_first() else {
                return Ok(None);
            };
            if let Some(slot) = self.header.get_mut(self.header_len) {
                *slot = *first;
            }
            self.header_len += 1;
            *input = rest;
            if self.header_len == 4 {
                let len = u32::from_be_bytes(self.header);
                self.want = usize::try_from(len).unwrap_or(usize::MAX);
                if self.want == 0 || self.want > MAX_MESSAGE {
                    return Err(BadLength(len));
                }
            }
        }
        let missing = self.want.saturating_sub(self.body.len());
        let (take, rest) = input.split_at(missing.min(input.len()));
        self.append(take);
        *input = rest;
        if self.body.len() < self.want {
            return Ok(None);
        }
        self.header_len = 0;
        Ok(Some(std::mem::take(&mut self.body)))
    }

    /// Grows by hand: a vector that grows by itself leaves its old bytes behind.
    fn append(&mut self, bytes: &[u8]) {
        let need = self.body.len().saturating_add(bytes.len());
        if need > self.body.capacity() {
            let room = need.saturating_mul(2).min(self.want).max(need);
            let mut grown = Zeroizing::new(Vec::with_capacity(room));
            grown.extend_from_slice(&self.body);
            self.body = grown;
        }
        self.body.extend_from_slice(bytes);
    }
}

impl Drop for Framer {
    fn drop(&mut self) {
        self.body.zeroize();
    }
}
