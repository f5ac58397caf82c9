//! Why a blob is not a key.

use crate::types::{Curve, KeyType};
use crate::veil::veiled_name;
use crate::verify::SigError;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Where and why a public key blob is refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobError {
    /// Byte offset in the blob at which the refused item begins.
    pub offset: usize,
    /// What was wrong there.
    pub kind: BlobErrorKind,
}

/// The ways in which `sshkey_from_blob` refuses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlobErrorKind {
    /// The blob ends within an item.
    Truncated {
        /// The item.
        what: &'static str,
        /// Bytes it needs here.
        need: usize,
        /// Bytes that are left.
        have: usize,
    },
    /// A string longer than sshd's buffers hold.
    StringTooLong {
        /// The item.
        what: &'static str,
        /// The length its prefix claims.
        len: usize,
    },
    /// A NUL within a text item.
    EmbeddedNul {
        /// The item.
        what: &'static str,
    },
    /// An mpint with its sign bit set.
    NegativeMpint {
        /// The item.
        what: &'static str,
    },
    /// An mpint above 16384 bits.
    MpintTooLarge {
        /// The item.
        what: &'static str,
        /// Its length in bytes.
        len: usize,
    },
    /// A key format this crate does not know.
    UnknownType(Vec<u8>),
    /// A certificate format of before OpenSSH 5.6 (`…-cert-v00@openssh.com`).
    OldCertificate(Vec<u8>),
    /// The name inside the blob is one sshd takes as a short form, but the
    /// format needs its full name (`ecdsa` instead of `ecdsa-sha2-nistp256`).
    ShortName(Vec<u8>),
    /// RSA modulus below 1024 bits (`SSH_ERR_KEY_LENGTH`).
    RsaTooShort {
        /// Bits of the modulus.
        bits: u32,
    },
    /// A fixed-size key of another size.
    KeyLength {
        /// The item.
        what: &'static str,
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// The curve named inside the blob is not that of the format.
    CurveMismatch {
        /// The curve of the format.
        expected: Curve,
        /// The name found.
        found: Vec<u8>,
    },
    /// An elliptic curve point that is empty or longer than sshd's limit.
    PointTooLarge {
        /// Its length in bytes.
        len: usize,
    },
    /// A point that is compressed or of unknown form; only `04 || x || y` is read.
    PointForm {
        /// Its first byte.
        first: u8,
    },
    /// A point of the right form but the wrong length for its curve.
    PointLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// Coordinates that are no point of the curve.
    PointNotOnCurve,
    /// Coordinates that sshd refuses as too small (`sshkey_ec_validate_public`).
    PointRefused,
    /// Bytes behind the end of the key.
    TrailingData {
        /// How many.
        len: usize,
    },
    /// A certificate type that is neither user (1) nor host (2).
    CertificateType(u32),
    /// More principals than sshd reads (256).
    TooManyPrincipals,
    /// The CA key inside the certificate does not parse.
    CaKey(Box<BlobError>),
    /// The CA key inside the certificate is itself a certificate.
    CaIsCertificate(KeyType),
    /// The CA's signature over the certificate.
    CaSignature(SigError),
}

impl BlobError {
    /// The words sshd prints for this refusal behind `parse key: ` (ssherr.c).
    #[must_use]
    pub fn sshd_text(&self) -> &'static str {
        use BlobErrorKind as K;
        match &self.kind {
            K::Truncated { what, .. } if RAW_ERRORS.contains(what) => "incomplete message",
            K::StringTooLong { what, .. } if RAW_ERRORS.contains(what) => "string is too large",
            K::UnknownType(_) | K::OldCertificate(_) => "unknown or unsupported key type",
            K::ShortName(_) => "invalid argument",
            K::RsaTooShort { .. } => "Invalid key length",
            K::CurveMismatch { .. } => "elliptic curve does not match",
            K::PointTooLarge { .. } => "elliptic curve point is too large",
            K::PointRefused => "invalid elliptic curve value",
            K::CertificateType(_) => "unknown/unsupported certificate type",
            K::CaKey(_) | K::CaIsCertificate(_) => "invalid certificate signing key",
            K::CaSignature(e) => e.sshd_text(),
            _ => "invalid format",
        }
    }

    /// The same error in a blob that begins `by` bytes further on.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.offset = self.offset.saturating_add(by);
        self
    }
}

/// Items whose read errors sshd hands up unchanged; all others become "invalid format".
const RAW_ERRORS: &[&str] = &["Ed25519 key", "curve name", "point"];

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use BlobErrorKind as K;
        match &self.kind {
            K::Truncated { what, need, have } => {
                write!(f, "{what}: {need} bytes expected, {have} left")
            }
            K::StringTooLong { what, len } => {
                write!(f, "{what}: length {len} is beyond sshd's limit")
            }
            K::EmbeddedNul { what } => write!(f, "{what}: NUL byte within the text"),
            K::NegativeMpint { what } => write!(f, "{what}: negative number"),
            K::MpintTooLarge { what, len } => write!(f, "{what}: {len} bytes, above 16384 bits"),
            K::UnknownType(n) => {
                write!(f, "unknown key type \"{}\"", veiled_name(n).escape_ascii())
            }
            K::OldCertificate(n) => {
                write!(
                    f,
                    "\"{}\", a certificate format gone since OpenSSH 7.0",
                    veiled_name(n).escape_ascii()
                )
            }
            K::ShortName(n) => write!(
                f,
                "\"{}\" instead of the full key type",
                veiled_name(n).escape_ascii()
            ),
            K::RsaTooShort { bits } => {
                write!(f, "RSA modulus of {bits} bits, at least 1024 expected")
            }
            K::KeyLength {
                what,
                expected,
                found,
            } => {
                write!(f, "{what}: {expected} bytes expected, found {found}")
            }
            K::CurveMismatch { expected, found } => write!(
                f,
                "curve {} expected, found \"{}\"",
                expected.name(),
                veiled_name(found).escape_ascii()
            ),
            K::PointTooLarge { len } => write!(f, "curve point of {len} bytes"),
            K::PointForm { first } => {
                write!(
                    f,
                    "curve point begins with 0x{first:02x}, 0x04 (uncompressed) expected"
                )
            }
            K::PointLength { expected, found } => {
                write!(f, "curve point: {expected} bytes expected, found {found}")
            }
            K::PointNotOnCurve => write!(f, "the point does not lie on the curve"),
            K::PointRefused => write!(f, "a coordinate of the curve point is out of range"),
            K::TrailingData { len } => write!(f, "{len} bytes behind the end of the key"),
            K::CertificateType(t) => {
                write!(f, "certificate type {t}, 1 (user) or 2 (host) expected")
            }
            K::TooManyPrincipals => write!(f, "more than 256 principals"),
            K::CaKey(e) => write!(f, "CA key: {e}"),
            K::CaIsCertificate(t) => write!(f, "the CA key is itself a certificate ({t})"),
            K::CaSignature(e) => write!(f, "CA signature: {e}"),
        }?;
        write!(f, " (offset {})", self.offset)
    }
}

impl core::error::Error for BlobError {}
