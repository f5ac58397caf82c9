//! Signatures of certificate authorities (and of KRLs).
//!
//! The primitives come straight from the RustCrypto crates (`ed25519-dalek`,
//! `p256`/`p384`/`p521`, `rsa`, `sha2`): all are `no_std`, and taking them
//! without the `ssh-key` crate saves its cipher, PEM and encoding layers.
//! `ssh-key` also demands shapes that sshd does not (a SHA-1 RSA signature, or
//! one that is shorter than its modulus, is refused there and read by sshd).
//! Not checked here: ML-DSA signatures ([`SigError::Unsupported`]).

use crate::public::{Material, PublicKey};
use crate::types::{Curve, KeyType, SigAlg};
use crate::wire::Reader;
use alloc::borrow::ToOwned;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use dsa::signature::hazmat::PrehashVerifier as _;
use ed25519_dalek::Verifier as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Why a signature does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SigError {
    /// It does not fit the data: forged, or the data were changed.
    Invalid,
    /// Its structure is broken.
    Malformed(&'static str),
    /// It was made with another kind of key than the one it is held against.
    WrongAlgorithm {
        /// The algorithm it names.
        found: SigAlg,
        /// The format of the key.
        key: KeyType,
    },
    /// This crate cannot check it; sshd may be able to.
    Unsupported(SigAlg),
}

impl SigError {
    /// The words sshd prints for this (ssherr.c).
    #[must_use]
    pub fn sshd_text(&self) -> &'static str {
        match self {
            SigError::Invalid => "incorrect signature",
            SigError::Malformed("trailing data") => "unexpected bytes remain after decoding",
            SigError::Malformed("empty signature") => "invalid argument",
            SigError::Malformed("longer than the modulus") => "key bits do not match",
            SigError::Malformed(_) => "invalid format",
            SigError::WrongAlgorithm { .. } => "key type does not match",
            SigError::Unsupported(_) => "signature algorithm not supported",
        }
    }
}

impl fmt::Display for SigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SigError::Invalid => write!(f, "the signature does not fit the data"),
            SigError::Malformed(what) => write!(f, "broken signature: {what}"),
            SigError::WrongAlgorithm { found, key } => {
                write!(
                    f,
                    "a signature of {found} cannot be from a key of type {key}"
                )
            }
            SigError::Unsupported(alg) => write!(f, "signatures of {alg} are not checked here"),
        }
    }
}

impl core::error::Error for SigError {}

/// Checks `signature` (RFC 4253 §6.6 shape) over `data` (`sshkey_verify`).
pub fn verify(key: &PublicKey, signature: &[u8], data: &[u8]) -> Result<(), SigError> {
    if signature.is_empty() {
        return Err(SigError::Malformed("empty signature"));
    }
    let mut r = Reader::new(signature);
    let alg = SigAlg::from_name(
        r.cstring("algorithm")
            .map_err(|_| SigError::Malformed("algorithm"))?,
    );
    let plain = key.key_type().plain();
    if alg.key_type() != plain {
        return Err(SigError::WrongAlgorithm {
            found: alg,
            key: plain,
        });
    }
    match alg {
        SigAlg::MlDsa44Ed25519
        | SigAlg::MlDsa44Ed25519Draft
        | SigAlg::Ed448
        | SigAlg::Xmss
        | SigAlg::WebauthnSkEcdsaP256 => {
            return Err(SigError::Unsupported(alg));
        }
        _ => {}
    }
    let body = r
        .string("signature")
        .map_err(|_| SigError::Malformed("data"))?;
    let signed = match key.application() {
        None => None,
        Some(application) => {
            let flags = r.u8("flags").map_err(|_| SigError::Malformed("flags"))?;
            let counter = r
                .u32("counter")
                .map_err(|_| SigError::Malformed("counter"))?;
            let mut wrapped = Vec::with_capacity(69);
            wrapped.extend_from_slice(&Sha256::digest(application));
            wrapped.push(flags);
            wrapped.extend_from_slice(&counter.to_be_bytes());
            wrapped.extend_from_slice(&Sha256::digest(data));
            Some(wrapped)
        }
    };
    if !r.is_empty() {
        return Err(SigError::Malformed("trailing data"));
    }
    let data = signed.as_deref().unwrap_or(data);
    match &key.material {
        Material::Ed25519 { key, .. } => ed25519(key, body, data),
        Material::Ecdsa { curve, point, .. } => ecdsa(*curve, point, body, data),
        Material::Rsa { e, n } => rsa_pkcs1(e, n, &alg, body, data),
        Material::Dsa { pqgy } => dss(pqgy, &alg, body, data),
        _ => Err(SigError::Unsupported(alg)),
    }
}

fn ed25519(key: &[u8; 32], body: &[u8], data: &[u8]) -> Result<(), SigError> {
    if body.len() > 64 {
        return Err(SigError::Malformed("more than 64 bytes"));
    }
    let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| SigError::Invalid)?;
    let sig = ed25519_dalek::Signature::from_slice(body).map_err(|_| SigError::Invalid)?;
    key.verify(data, &sig).map_err(|_| SigError::Invalid)
}

/// `r || s`, each padded to the size of the field.
fn fixed_width(body: &[u8], width: usize) -> Result<Vec<u8>, SigError> {
    let mut r = Reader::new(body);
    let mut out = vec![0u8; width.saturating_mul(2)];
    for (half, what) in out.chunks_exact_mut(width).zip(["r", "s"]) {
        let number = r.mpint(what).map_err(|_| SigError::Malformed(what))?;
        // A number wider than the field is out of range, not misformed.
        let pad = width.checked_sub(number.len()).ok_or(SigError::Invalid)?;
        for (to, from) in half.iter_mut().skip(pad).zip(number) {
            *to = *from;
        }
    }
    if r.is_empty() {
        Ok(out)
    } else {
        Err(SigError::Malformed("trailing data"))
    }
}

macro_rules! ecdsa_with {
    ($curve:ident, $hash:ident, $width:literal, $point:expr, $body:expr, $data:expr) => {{
        use $curve::ecdsa::signature::hazmat::PrehashVerifier as _;
        let sig = fixed_width($body, $width)?;
        let sig = $curve::ecdsa::Signature::from_slice(&sig).map_err(|_| SigError::Invalid)?;
        let key =
            $curve::ecdsa::VerifyingKey::from_sec1_bytes($point).map_err(|_| SigError::Invalid)?;
        key.verify_prehash(&$hash::digest($data), &sig)
            .map_err(|_| SigError::Invalid)
    }};
}

fn ecdsa(curve: Curve, point: &[u8], body: &[u8], data: &[u8]) -> Result<(), SigError> {
    match curve {
        Curve::P256 => ecdsa_with!(p256, Sha256, 32, point, body, data),
        Curve::P384 => ecdsa_with!(p384, Sha384, 48, point, body, data),
        Curve::P521 => ecdsa_with!(p521, Sha512, 66, point, body, data),
    }
}

/// Whether an uncompressed point of the right length lies on the curve.
pub(crate) fn on_curve(curve: Curve, point: &[u8]) -> bool {
    match curve {
        Curve::P256 => p256::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
        Curve::P384 => p384::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
        Curve::P521 => p521::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok(),
    }
}

fn rsa_pkcs1(e: &[u8], n: &[u8], alg: &SigAlg, body: &[u8], data: &[u8]) -> Result<(), SigError> {
    let key = RsaPublicKey::new_with_max_size(
        BoxedUint::from_be_slice_vartime(n),
        BoxedUint::from_be_slice_vartime(e),
        16384,
    )
    .map_err(|_| SigError::Unsupported(alg.clone()))?;
    // A signature shorter than the modulus is padded in front, as sshd does.
    let pad = key
        .size()
        .checked_sub(body.len())
        .ok_or(SigError::Malformed("longer than the modulus"))?;
    let mut sig = vec![0u8; pad];
    sig.extend_from_slice(body);
    let checked = match alg {
        SigAlg::RsaSha1 => key.verify(Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(data), &sig),
        SigAlg::RsaSha256 => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(data), &sig),
        SigAlg::RsaSha512 => key.verify(Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(data), &sig),
        other => return Err(SigError::Unsupported(other.to_owned())),
    };
    checked.map_err(|_| SigError::Invalid)
}

/// `r || s`, 20 bytes each, over SHA-1 (RFC 4253 §6.6).
fn dss(pqgy: &[Vec<u8>; 4], alg: &SigAlg, body: &[u8], data: &[u8]) -> Result<(), SigError> {
    let (Some((r, s)), 40) = (body.split_at_checked(20), body.len()) else {
        return Err(SigError::Malformed("not 40 bytes"));
    };
    let number = BoxedUint::from_be_slice_vartime;
    let [p, q, g, y] = pqgy;
    // Numbers that are no DSA key: what OpenSSL makes of them is not known here.
    let unsupported = || SigError::Unsupported(alg.clone());
    // As wide as the modulus, which the arithmetic counts on.
    let wide = |n: &[u8]| {
        let mut out = vec![0u8; p.len().checked_sub(n.len())?];
        out.extend_from_slice(n);
        Some(number(&out))
    };
    let (Some(g), Some(y)) = (wide(g), wide(y)) else {
        return Err(unsupported());
    };
    let components = dsa::Components::from_components(number(p), number(q), g);
    let key = components.and_then(|c| dsa::VerifyingKey::from_components(c, y));
    let key = key.map_err(|_| unsupported())?;
    let sig = dsa::Signature::from_components(number(r), number(s)).ok_or(SigError::Invalid)?;
    key.verify_prehash(&Sha1::digest(data), &sig)
        .map_err(|_| SigError::Invalid)
}
