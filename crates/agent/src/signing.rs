//! Signature blobs (RFC 4253 §6.6) of private keys.

use ed25519_dalek::Signer as _;
use sha2::{Digest, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashSigner as _;
use sshwhy_keyfile::{PrivateKey, Secret};
use sshwhy_keys::wire::{put_mpint, put_string};
use sshwhy_keys::{Curve, Material, SigAlg};

pub(crate) fn sign<R: rand_core::CryptoRng>(
    key: &PrivateKey,
    alg: &SigAlg,
    data: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, ()> {
    let halves = |b: &[u8]| {
        let (r, s) = b.split_at_checked(b.len() / 2).unwrap_or_default();
        let mut out = Vec::new();
        put_mpint(&mut out, r);
        put_mpint(&mut out, s);
        out
    };
    let inner = match (key.secret(), key.public().material()) {
        (Secret::Ed25519 { seed }, _) => ed25519_dalek::SigningKey::from_bytes(seed)
            .sign(data)
            .to_bytes()
            .to_vec(),
        (
            Secret::Ecdsa {
                curve: Curve::P256,
                scalar,
            },
            _,
        ) => {
            let s: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from_slice(scalar)
                .map_err(|_| ())?
                .sign_prehash(&Sha256::digest(data))
                .map_err(|_| ())?;
            halves(&s.to_bytes())
        }
        (
            Secret::Ecdsa {
                curve: Curve::P384,
                scalar,
            },
            _,
        ) => {
            let s: p384::ecdsa::Signature = p384::ecdsa::SigningKey::from_slice(scalar)
                .map_err(|_| ())?
                .sign_prehash(&Sha384::digest(data))
                .map_err(|_| ())?;
            halves(&s.to_bytes())
        }
        (Secret::Ecdsa { scalar, .. }, _) => {
            let s: p521::ecdsa::Signature = p521::ecdsa::SigningKey::from_slice(scalar)
                .map_err(|_| ())?
                .sign_prehash(&Sha512::digest(data))
                .map_err(|_| ())?;
            halves(&s.to_bytes())
        }
        (Secret::Rsa { d, p, q, .. }, Material::Rsa { e, n }) => {
            let num = rsa::BoxedUint::from_be_slice_vartime;
            let k =
                rsa::RsaPrivateKey::from_components(num(n), num(e), num(d), vec![num(p), num(q)])
                    .map_err(|_| ())?;
            match alg {
                SigAlg::RsaSha1 => k.sign_with_rng(
                    rng,
                    rsa::Pkcs1v15Sign::new::<sha1::Sha1>(),
                    &sha1::Sha1::digest(data),
                ),
                SigAlg::RsaSha256 => k.sign_with_rng(
                    rng,
                    rsa::Pkcs1v15Sign::new::<Sha256>(),
                    &Sha256::digest(data),
                ),
                _ => k.sign_with_rng(
                    rng,
                    rsa::Pkcs1v15Sign::new::<Sha512>(),
                    &Sha512::digest(data),
                ),
            }
            .map_err(|_| ())?
        }
        _ => return Err(()),
    };
    let mut out = Vec::new();
    put_string(&mut out, alg.name());
    put_string(&mut out, &inner);
    Ok(out)
}
