//! Signatures made with a private key.

use crate::number::number;
use crate::secret::{PrivateKey, Secret};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use ed25519_dalek::Signer as _;
use rand_core::CryptoRng;
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPrivateKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sshwhy_keys::wire::{put_mpint, put_string};
use sshwhy_keys::{Curve, Material, SigAlg};

/// Why no signature was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The algorithm is not one of this kind of key.
    WrongAlgorithm(SigAlg),
    /// Not made here, for this reason.
    Unsupported(&'static str),
    /// The numbers of the key do not fit each other.
    BrokenKey,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignError::WrongAlgorithm(alg) => {
                write!(f, "this kind of key makes no signatures of {alg}")
            }
            SignError::Unsupported(why) => f.write_str(why),
            SignError::BrokenKey => f.write_str("the numbers of the key do not fit each other"),
        }
    }
}

impl core::error::Error for SignError {}

/// Signs `data`: the signature blob of RFC 4253 §6.6, `string algorithm, string signature`. For a
/// certificate's algorithm the plain one is named, as PROTOCOL.certkeys has it. RSA is blinded
/// with `rng`; ECDSA is deterministic (RFC 6979).
///
/// # Errors
/// The algorithm is not the key's, or the key makes no signatures here.
pub fn sign(
    key: &PrivateKey,
    alg: &SigAlg,
    data: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, SignError> {
    let alg = alg.plain();
    if alg.key_type() != key.public().key_type().plain() {
        return Err(SignError::WrongAlgorithm(alg));
    }
    let body = match (key.secret(), key.public().material()) {
        (Secret::Ed25519 { seed }, _) => ed25519_dalek::SigningKey::from_bytes(seed)
            .sign(data)
            .to_bytes()
            .to_vec(),
        (Secret::Ed448 { seed }, _) => ed448_goldilocks::SigningKey::try_from(seed.as_slice())
            .map_err(|_| SignError::BrokenKey)?
            .sign_raw(data)
            .to_bytes()
            .to_vec(),
        (Secret::Ecdsa { curve, scalar }, _) => {
            ecdsa(*curve, scalar, data).ok_or(SignError::BrokenKey)?
        }
        (Secret::Rsa { d, p, q, .. }, Material::Rsa { e, n }) => {
            rsa([n, e, d, p, q], &alg, data, rng)?
        }
        (Secret::Dsa { .. }, _) => {
            return Err(SignError::Unsupported(
                "DSA signatures are not made: no current server takes them",
            ));
        }
        (Secret::Sk { .. }, _) => {
            return Err(SignError::Unsupported(
                "the private half is in the security key, which signs itself",
            ));
        }
        _ => {
            return Err(SignError::Unsupported(
                "this kind of key is not computed here",
            ));
        }
    };
    let mut out = Vec::with_capacity(body.len().saturating_add(64));
    put_string(&mut out, alg.name());
    put_string(&mut out, &body);
    Ok(out)
}

/// `mpint r, mpint s` (RFC 5656 §3.1.2).
fn ecdsa(curve: Curve, scalar: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    macro_rules! signed {
        ($curve:ident, $hash:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashSigner as _;
            let key = $curve::ecdsa::SigningKey::from_slice(scalar).ok()?;
            let signature: $curve::ecdsa::Signature =
                key.sign_prehash(&$hash::digest(data)).ok()?;
            let bytes = signature.to_bytes();
            let (r, s) = bytes.split_at_checked(bytes.len() / 2)?;
            let mut out = Vec::with_capacity(bytes.len().saturating_add(10));
            put_mpint(&mut out, r);
            put_mpint(&mut out, s);
            Some(out)
        }};
    }
    match curve {
        Curve::P256 => signed!(p256, Sha256),
        Curve::P384 => signed!(p384, Sha384),
        Curve::P521 => signed!(p521, Sha512),
    }
}

fn rsa(
    numbers: [&Vec<u8>; 5],
    alg: &SigAlg,
    data: &[u8],
    rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, SignError> {
    let mut all = numbers
        .into_iter()
        .map(|n| number(n).map(|n| BoxedUint::clone(&n)));
    let mut next = || all.next().flatten().ok_or(SignError::BrokenKey);
    let (n, e, d, p, q) = (next()?, next()?, next()?, next()?, next()?);
    let key =
        RsaPrivateKey::from_components(n, e, d, vec![p, q]).map_err(|_| SignError::BrokenKey)?;
    let signed = match alg {
        SigAlg::RsaSha1 => key.sign_with_rng(rng, Pkcs1v15Sign::new::<Sha1>(), &Sha1::digest(data)),
        SigAlg::RsaSha256 => {
            key.sign_with_rng(rng, Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(data))
        }
        SigAlg::RsaSha512 => {
            key.sign_with_rng(rng, Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(data))
        }
        other => return Err(SignError::WrongAlgorithm(other.clone())),
    };
    signed.map_err(|_| SignError::BrokenKey)
}
