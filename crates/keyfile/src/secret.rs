//! The private key itself.

use alloc::vec::Vec;
use core::fmt;
use sshwhy_keys::{Curve, PublicKey};
use zeroize::Zeroizing;

/// The private half of a key. It has no `Debug`; what is secret is wiped on drop.
///
/// Numbers are big endian without leading zeros, except where said.
#[derive(Clone)]
#[non_exhaustive]
pub enum Secret {
    /// RFC 8032 §5.1.5: the seed.
    Ed25519 {
        /// 32 bytes.
        seed: Zeroizing<[u8; 32]>,
    },
    /// RFC 8032 §5.2.5: the seed.
    Ed448 {
        /// 57 bytes.
        seed: Zeroizing<[u8; 57]>,
    },
    /// SEC 1: the scalar.
    Ecdsa {
        /// The curve.
        curve: Curve,
        /// As long as the curve's field: 32, 48 or 66 bytes.
        scalar: Zeroizing<Vec<u8>>,
    },
    /// RFC 8017 §3.2; n and e stand in the public key.
    Rsa {
        /// Private exponent.
        d: Zeroizing<Vec<u8>>,
        /// First prime.
        p: Zeroizing<Vec<u8>>,
        /// Second prime.
        q: Zeroizing<Vec<u8>>,
        /// q^-1 mod p.
        iqmp: Zeroizing<Vec<u8>>,
    },
    /// FIPS 186-4; p, q, g and y stand in the public key.
    Dsa {
        /// The private number.
        x: Zeroizing<Vec<u8>>,
    },
    /// A FIDO key (PROTOCOL.u2f): what its authenticator needs to find the key. The application
    /// stands in the public key.
    Sk {
        /// `SSH_SK_USER_PRESENCE_REQD` (0x01), `SSH_SK_USER_VERIFICATION_REQD` (0x04) …
        flags: u8,
        /// The key handle.
        key_handle: Vec<u8>,
        /// Kept as it is.
        reserved: Vec<u8>,
    },
    /// A kind of key not computed with here: the fields after the public ones, as they stand in an
    /// OpenSSH file.
    Opaque(Zeroizing<Vec<u8>>),
}

/// A whole private key. It has no `Debug`; what is secret is wiped on drop.
#[derive(Clone)]
pub struct PrivateKey {
    public: PublicKey,
    secret: Secret,
    comment: Vec<u8>,
}

/// The private half is not that of the public half.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inconsistent {
    /// The public key computed from the private half is another one.
    Public,
    /// The two halves are of different kinds.
    Kind,
    /// A number is out of its range, or the numbers do not fit each other.
    Number(&'static str),
}

impl fmt::Display for Inconsistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Inconsistent::Public => {
                f.write_str("the private half belongs to another public key than the file's")
            }
            Inconsistent::Kind => f.write_str("the two halves are of different kinds"),
            Inconsistent::Number(what) => write!(f, "{what} does not fit the other numbers"),
        }
    }
}

impl PrivateKey {
    /// Puts the halves together without checking that they fit.
    #[must_use]
    pub fn new(public: PublicKey, secret: Secret, comment: Vec<u8>) -> Self {
        PrivateKey {
            public,
            secret,
            comment,
        }
    }

    /// The public half; a certificate where the file carries one.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The private half.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The comment, as its bytes stand in the file.
    #[must_use]
    pub fn comment(&self) -> &[u8] {
        &self.comment
    }

    /// The same key with another comment.
    #[must_use]
    pub fn with_comment(mut self, comment: Vec<u8>) -> Self {
        self.comment = comment;
        self
    }

    /// The same key with another public half: its certificate, or the plain key again.
    #[must_use]
    pub fn with_public(mut self, public: PublicKey) -> Self {
        self.public = public;
        self
    }
}
