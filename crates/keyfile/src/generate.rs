//! New keys.

use crate::number;
use crate::secret::{PrivateKey, Secret, derive_public, ecdsa_point};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use rand_core::CryptoRng;
use rsa::RsaPrivateKey;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use sshwhy_keys::wire::{put_mpint, put_string};
use sshwhy_keys::{Curve, KeyType, PublicKey};
use zeroize::Zeroizing;

/// The kind of key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NewKey {
    /// RFC 8709, the default of ssh-keygen since OpenSSH 9.5.
    Ed25519,
    /// RFC 8709; PuTTY has it, OpenSSH has not.
    Ed448,
    /// RFC 5656
    Ecdsa(Curve),
    /// RFC 4253 §6.6
    Rsa {
        /// Length of the modulus: 1024 to 16384.
        bits: u32,
    },
}

/// Why a key was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GenerateError {
    /// A length that sshd does not take: 1024 to 16384 bits.
    RsaBits(u32),
    /// The source of randomness gave nothing that a key could be made of.
    Randomness,
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GenerateError::RsaBits(bits) => {
                write!(f, "RSA of {bits} bits: expected 1024 to 16384")
            }
            GenerateError::Randomness => f.write_str("the source of randomness is broken"),
        }
    }
}

impl core::error::Error for GenerateError {}

/// Makes a key. `rng` is asked once for each number, and must be the system's.
///
/// # Errors
/// A length that no server takes.
pub fn generate(
    kind: NewKey,
    comment: Vec<u8>,
    rng: &mut dyn CryptoRng,
) -> Result<PrivateKey, GenerateError> {
    let (blob, secret) = match kind {
        NewKey::Ed25519 => {
            let mut seed = Zeroizing::new([0; 32]);
            rng.fill_bytes(seed.as_mut_slice());
            let key = ed25519_dalek::SigningKey::from_bytes(&seed);
            let mut blob = Vec::new();
            put_string(&mut blob, KeyType::Ed25519.name());
            put_string(&mut blob, key.verifying_key().as_bytes());
            (blob, Secret::Ed25519 { seed })
        }
        NewKey::Ed448 => {
            let mut seed = Zeroizing::new([0; 57]);
            rng.fill_bytes(seed.as_mut_slice());
            let key = ed448_goldilocks::SigningKey::try_from(seed.as_slice())
                .map_err(|_| GenerateError::Randomness)?;
            let mut blob = Vec::new();
            put_string(&mut blob, KeyType::Ed448.name());
            put_string(&mut blob, &key.verifying_key().to_bytes());
            (blob, Secret::Ed448 { seed })
        }
        NewKey::Ecdsa(curve) => ecdsa(curve, rng)?,
        NewKey::Rsa { bits } => rsa(bits, rng)?,
    };
    let public = PublicKey::from_blob(&blob).map_err(|_| GenerateError::Randomness)?;
    debug_assert!(derive_public(&public, &secret).is_none_or(|b| b == blob));
    Ok(PrivateKey::new(public, secret, comment))
}

/// FIPS 186-5 A.2.2: random bits until they are a scalar.
fn ecdsa(curve: Curve, rng: &mut dyn CryptoRng) -> Result<(Vec<u8>, Secret), GenerateError> {
    let (len, mask) = match curve {
        Curve::P256 => (32, 0xff),
        Curve::P384 => (48, 0xff),
        Curve::P521 => (66, 0x01),
    };
    let name = match curve {
        Curve::P256 => KeyType::EcdsaP256,
        Curve::P384 => KeyType::EcdsaP384,
        Curve::P521 => KeyType::EcdsaP521,
    };
    // Half of the tries at worst are above the order: a source that fails 256 times is none.
    for _ in 0..256 {
        let mut scalar = Zeroizing::new(vec![0; len]);
        rng.fill_bytes(&mut scalar);
        if let Some(first) = scalar.first_mut() {
            *first &= mask;
        }
        if let Some(point) = ecdsa_point(curve, &scalar) {
            let mut blob = Vec::new();
            put_string(&mut blob, name.name());
            put_string(&mut blob, curve.name().as_bytes());
            put_string(&mut blob, &point);
            return Ok((blob, Secret::Ecdsa { curve, scalar }));
        }
    }
    Err(GenerateError::Randomness)
}

fn rsa(bits: u32, rng: &mut dyn CryptoRng) -> Result<(Vec<u8>, Secret), GenerateError> {
    let wanted = usize::try_from(bits).unwrap_or(usize::MAX);
    if !(1024..=16384).contains(&bits) {
        return Err(GenerateError::RsaBits(bits));
    }
    let key = RsaPrivateKey::new(rng, wanted).map_err(|_| GenerateError::Randomness)?;
    let [p, q] = key.primes() else {
        return Err(GenerateError::Randomness);
    };
    let (p, q) = (number::bytes(p), number::bytes(q));
    // The larger prime first, as PuTTY keeps them; OpenSSH takes both orders.
    let (p, q) = if number::is_less(&p, &q) {
        (q, p)
    } else {
        (p, q)
    };
    let iqmp = number::inverse(&q, &p).ok_or(GenerateError::Randomness)?;
    let mut blob = Vec::new();
    put_string(&mut blob, KeyType::Rsa.name());
    put_mpint(&mut blob, &number::bytes(key.e()));
    put_mpint(&mut blob, &number::bytes(key.n()));
    let secret = Secret::Rsa {
        d: number::bytes(key.d()),
        p,
        q,
        iqmp,
    };
    Ok((blob, secret))
}
