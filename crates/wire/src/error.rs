//! What ends a transport, as facts.

use std::fmt;

use crate::kex::KexList;

/// Why the transport cannot go on. After one of these it stays dead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// More text before the identification string than RFC 4253 §4.2 has use for.
    PreambleTooLong,
    /// An identification string that does not say protocol 2.0 (or 1.99).
    ProtocolVersion(Vec<u8>),
    /// A packet length above [`crate::cipher::MAX_PACKET`].
    PacketTooLong,
    /// A packet length, or a padding length, that cannot be.
    PacketLength,
    /// The packet's authentication tag is wrong.
    Integrity,
    /// A message that does not parse: its number.
    Malformed(u8),
    /// A message where the protocol does not allow it: its number.
    Unexpected(u8),
    /// Nothing in this list is common to both sides; both lists are in the events.
    NoCommon(KexList),
    /// The server's share of the key exchange is no valid point.
    BadKeyShare,
    /// The host key's signature over the exchange hash does not verify.
    HostKeySignature,
    /// The host key is not one of those asked for.
    HostKeyNotExpected,
    /// The host key changed when the keys were renewed.
    HostKeyChanged,
    /// Strict key exchange was agreed on and the server did not keep to it.
    StrictKex,
    /// The server renews keys, or sends packets, past any use this client has.
    TooMuch,
    /// No random bytes, or a primitive refused its own input.
    Crypto,
    /// Used after the end.
    Dead,
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PreambleTooLong => write!(f, "too much text before the identification string"),
            Self::ProtocolVersion(line) => {
                write!(f, "not an SSH 2.0 server: {}", line.escape_ascii())
            }
            Self::PacketTooLong => {
                write!(f, "packet longer than {} bytes", crate::cipher::MAX_PACKET)
            }
            Self::PacketLength => write!(f, "packet or padding length that cannot be"),
            Self::Integrity => write!(f, "packet with a wrong authentication tag"),
            Self::Malformed(n) => write!(f, "message {n} does not parse"),
            Self::Unexpected(n) => write!(f, "message {n} is not allowed here"),
            Self::NoCommon(list) => write!(f, "no common {list}"),
            Self::BadKeyShare => write!(f, "the server's key share is not valid"),
            Self::HostKeySignature => write!(f, "the host key's signature does not verify"),
            Self::HostKeyNotExpected => write!(f, "the host key is not the expected one"),
            Self::HostKeyChanged => write!(f, "the host key changed during the connection"),
            Self::StrictKex => write!(f, "the server broke the strict key exchange"),
            Self::TooMuch => write!(f, "the server sends more than this client takes"),
            Self::Crypto => write!(f, "no random bytes, or a primitive failed"),
            Self::Dead => write!(f, "the transport has ended"),
        }
    }
}

impl std::error::Error for TransportError {}
