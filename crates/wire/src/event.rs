//! Everything the server says, as it came.

use crate::hostkey::HostKey;
use crate::kex::{KexInit, Negotiated};

/// One thing seen on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A line before the identification string (RFC 4253 §4.2), without its end:
    /// MaxStartups, penalties and TCP wrappers speak here.
    PreambleLine(Vec<u8>),
    /// The server's identification string, without CR LF.
    Identification(Vec<u8>),
    /// The server's SSH_MSG_KEXINIT.
    ServerKexInit(Box<KexInit>),
    /// What both KEXINITs come to.
    Negotiated(Box<Negotiated>),
    /// The host key and whether its signature holds.
    HostKey(Box<HostKey>),
    /// Both directions use new keys.
    NewKeys {
        /// False when keys were renewed.
        first: bool,
    },
    /// SSH_MSG_EXT_INFO (RFC 8308 §2.3), raw.
    ExtInfo(Vec<Extension>),
    /// SSH_MSG_DEBUG (RFC 4253 §11.3): sshd's queued `auth_debug` reasons come so.
    Debug(DebugMessage),
    /// SSH_MSG_DISCONNECT (RFC 4253 §11.1).
    Disconnect(Disconnect),
    /// SSH_MSG_IGNORE: the length of its data in bytes.
    Ignore(usize),
    /// SSH_MSG_UNIMPLEMENTED: the number of our packet.
    Unimplemented(u32),
    /// SSH_MSG_GLOBAL_REQUEST (RFC 4254 §4); if an answer was wanted it was a refusal.
    GlobalRequest {
        /// Request name.
        name: Vec<u8>,
        /// The server wanted an answer.
        want_reply: bool,
        /// Request-specific data.
        data: Vec<u8>,
    },
    /// Any other message of authentication (50 to 79), services (6) or
    /// connections (81 and above): the whole payload, number first.
    Message(Vec<u8>),
    /// A message of a number nobody has assigned here; answered with UNIMPLEMENTED.
    Unknown(u8),
}

/// One extension of SSH_MSG_EXT_INFO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// `server-sig-algs`, `publickey-hostbound@openssh.com`, …
    pub name: Vec<u8>,
    /// Its value, raw.
    pub value: Vec<u8>,
}

/// SSH_MSG_DEBUG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebugMessage {
    /// The server wants it shown always.
    pub always_display: bool,
    /// The text, not to be trusted on a terminal.
    pub text: Vec<u8>,
}

/// SSH_MSG_DISCONNECT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disconnect {
    /// Reason code (RFC 4253 §11.1).
    pub code: u32,
    /// The text, not to be trusted on a terminal.
    pub text: Vec<u8>,
}
