//! The private key itself.

use crate::fields;
use crate::number::{self, number};
use alloc::vec::Vec;
use core::fmt;
use sshwhy_keys::wire::{put_mpint, put_string};
use sshwhy_keys::{Curve, KeyType, Material, PublicKey};
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

/// What [`PrivateKey::check`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The public half was computed from the private one, and is the same.
    Fits,
    /// It cannot be computed here, for this reason.
    NotChecked(&'static str),
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

    /// Whether the private half is that of the public one, by computing.
    ///
    /// # Errors
    /// It is another one's, or its numbers do not fit each other.
    pub fn check(&self) -> Result<Checked, Inconsistent> {
        match (self.public.material(), &self.secret) {
            (_, Secret::Opaque(_)) => Ok(Checked::NotChecked("a kind of key not computed here")),
            (_, Secret::Sk { .. }) if self.public.application().is_some() => Ok(
                Checked::NotChecked("the private half is in the security key"),
            ),
            (Material::Rsa { e, n }, Secret::Rsa { d, p, q, iqmp }) => {
                check_rsa(n, e, d, p, q, iqmp)
            }
            (Material::Dsa { pqgy }, Secret::Dsa { .. }) if !dsa_group(pqgy) => {
                Err(Inconsistent::Number("the DSA parameters"))
            }
            _ => {
                let blob = derive_public(&self.public, &self.secret).ok_or_else(|| {
                    match (self.public.material(), &self.secret) {
                        (Material::Ecdsa { curve, .. }, Secret::Ecdsa { curve: other, .. })
                            if curve == other =>
                        {
                            Inconsistent::Number("the scalar")
                        }
                        (Material::Dsa { .. }, Secret::Dsa { .. }) => {
                            Inconsistent::Number("the prime p")
                        }
                        _ => Inconsistent::Kind,
                    }
                })?;
                if blob == self.public.plain_blob() {
                    Ok(Checked::Fits)
                } else {
                    Err(Inconsistent::Public)
                }
            }
        }
    }
}

/// Whether g generates the subgroup of order q that p has (FIPS 186-4 §4.1).
fn dsa_group([p, q, g, _]: &[Vec<u8>; 4]) -> bool {
    (|| {
        let (big_p, big_q, big_g) = (number(p)?, number(q)?, number(g)?);
        let left = number::modulo(&*number::less_one(p)?, &big_q)?;
        let one = number::power(&big_g, &big_q, &big_p)?;
        Some(number::bytes(&left).is_empty() && number::bytes(&one).as_slice() == [1])
    })()
    .unwrap_or(false)
}

fn check_rsa(
    n: &[u8],
    e: &[u8],
    d: &[u8],
    p: &[u8],
    q: &[u8],
    iqmp: &[u8],
) -> Result<Checked, Inconsistent> {
    let big = |bytes, what| number(bytes).ok_or(Inconsistent::Number(what));
    let (big_p, big_q) = (big(p, "the first prime")?, big(q, "the second prime")?);
    let (big_e, big_d) = (
        big(e, "the public exponent")?,
        big(d, "the private exponent")?,
    );
    let p_less = number::less_one(p).ok_or(Inconsistent::Number("the first prime"))?;
    let q_less = number::less_one(q).ok_or(Inconsistent::Number("the second prime"))?;
    if number::bytes(&number::product(&big_p, &big_q)).as_slice() != n {
        return Err(Inconsistent::Public);
    }
    // 1 modulo both is 1 modulo their least common multiple.
    if ![&p_less, &q_less]
        .into_iter()
        .all(|m| number::are_inverse(&big_e, &big_d, m))
    {
        return Err(Inconsistent::Number("the private exponent"));
    }
    if !number::are_inverse(&*big(iqmp, "the coefficient")?, &big_q, &big_p) {
        return Err(Inconsistent::Number("the coefficient"));
    }
    Ok(Checked::Fits)
}

/// The blob of the plain public key that belongs to this private half; what the half does not
/// determine (DSA's parameters) is taken from `public`. None for RSA, where the exponent is free,
/// for kinds not computed here, and where a number is out of its range.
pub(crate) fn derive_public(public: &PublicKey, secret: &Secret) -> Option<Vec<u8>> {
    let mut blob = Vec::new();
    match secret {
        Secret::Ed25519 { seed } => {
            let key = ed25519_dalek::SigningKey::from_bytes(seed);
            put_string(&mut blob, KeyType::Ed25519.name());
            put_string(&mut blob, key.verifying_key().as_bytes());
        }
        Secret::Ed448 { seed } => {
            let key = ed448_goldilocks::SigningKey::try_from(seed.as_slice()).ok()?;
            put_string(&mut blob, KeyType::Ed448.name());
            put_string(&mut blob, &key.verifying_key().to_bytes());
        }
        Secret::Ecdsa { curve, scalar } => {
            if public.curve() != Some(*curve) {
                return None;
            }
            let point = ecdsa_point(*curve, scalar)?;
            put_string(&mut blob, public.key_type().plain().name());
            put_string(&mut blob, curve.name().as_bytes());
            put_string(&mut blob, &point);
        }
        Secret::Dsa { x } => {
            let Material::Dsa { pqgy: [p, q, g, _] } = public.material() else {
                return None;
            };
            let y = number::power(&*number(g)?, &*number(x)?, &*number(p)?)?;
            put_string(&mut blob, KeyType::Dsa.name());
            [p, q, g].iter().for_each(|v| put_mpint(&mut blob, v));
            put_mpint(&mut blob, &number::bytes(&y));
        }
        Secret::Rsa { .. } | Secret::Sk { .. } | Secret::Opaque(_) => return None,
    }
    Some(blob)
}

/// `04 || x || y` of a scalar (SEC 1).
pub(crate) fn ecdsa_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let scalar = fields::scalar(curve, scalar)?;
    macro_rules! point {
        ($curve:ident) => {{
            let key = $curve::ecdsa::SigningKey::from_slice(&scalar).ok()?;
            Some(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
        }};
    }
    match curve {
        Curve::P256 => point!(p256),
        Curve::P384 => point!(p384),
        Curve::P521 => point!(p521),
    }
}
