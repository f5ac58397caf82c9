//! The key inside an OpenSSH file: the order of `sshkey_private_deserialize`. Its writer is
//! [`crate::fields::openssh`].

use crate::armour::{Fault, expected};
use crate::error::FileErrorKind;
use crate::fields::{scalar, structure};
use crate::secret::Secret;
use alloc::vec::Vec;
use sshwhy_keys::wire::{Reader, put_mpint, put_string};
use sshwhy_keys::{BlobError, Curve, KeyType, Material, PublicKey};
use zeroize::Zeroizing;

/// The error of a wire reader as a fault of the content.
pub(crate) fn fault(e: BlobError) -> Fault {
    (e.offset, structure(&e))
}

/// Reads the type name and the fields; leaves the comment in `r`.
pub(crate) fn read(r: &mut Reader<'_>) -> Result<(PublicKey, Secret), Fault> {
    let start = r.offset();
    let name = r.cstring("the key type").map_err(fault)?;
    let key_type = KeyType::from_name(name);
    if key_type.is_cert() {
        let at = r.offset();
        let blob = r.string("the certificate").map_err(fault)?;
        let public = PublicKey::from_blob(blob).map_err(|e| {
            (
                at.saturating_add(4).saturating_add(e.offset),
                FileErrorKind::Public(e),
            )
        })?;
        if *public.key_type() != key_type {
            return Err(expected(at, "a certificate of the type named before it"));
        }
        if let Material::Ed25519 { key, .. } = public.material() {
            let at = r.offset();
            if r.string("the Ed25519 key").map_err(fault)? != key {
                return Err(expected(at, "the public key of the certificate"));
            }
        }
        if let Some(application) = public.application() {
            let at = r.offset();
            if r.string("the application").map_err(fault)? != application {
                return Err(expected(at, "the application of the certificate"));
            }
        }
        let secret = secret(&public, r)?;
        return Ok((public, secret));
    }
    // The public fields, put together to the blob that they make.
    let mut blob = Vec::new();
    put_string(&mut blob, name);
    let mut copy = |r: &mut Reader<'_>, whats: &[&'static str]| {
        for what in whats {
            put_string(&mut blob, r.string(what).map_err(fault)?);
        }
        Ok(())
    };
    match key_type {
        KeyType::Rsa => {
            let n = r.mpint("the RSA modulus").map_err(fault)?;
            let e = r.mpint("the RSA exponent").map_err(fault)?;
            put_mpint(&mut blob, e);
            put_mpint(&mut blob, n);
        }
        KeyType::Dsa => copy(r, &["DSA p", "DSA q", "DSA g", "DSA y"])?,
        KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521 => {
            copy(r, &["the curve", "the point"])?;
        }
        KeyType::SkEcdsaP256 => copy(r, &["the curve", "the point", "the application"])?,
        KeyType::SkEd25519 => copy(r, &["the Ed25519 key", "the application"])?,
        KeyType::Ed25519
        | KeyType::Ed448
        | KeyType::MlDsa44Ed25519
        | KeyType::MlDsa44Ed25519Draft => {
            copy(r, &["the public key"])?;
        }
        other => {
            return Err((
                start,
                FileErrorKind::Unsupported(sshwhy_keys::veiled_name(other.name())),
            ));
        }
    }
    let public = PublicKey::from_blob(&blob).map_err(|e| (start, FileErrorKind::Public(e)))?;
    let secret = secret(&public, r)?;
    Ok((public, secret))
}

fn secret(public: &PublicKey, r: &mut Reader<'_>) -> Result<Secret, Fault> {
    if public.application().is_some() {
        return Ok(Secret::Sk {
            flags: r.u8("the flags of the FIDO key").map_err(fault)?,
            key_handle: r.string("the FIDO key handle").map_err(fault)?.to_vec(),
            reserved: r.string("the reserved field").map_err(fault)?.to_vec(),
        });
    }
    let number = |r: &mut Reader<'_>, what| {
        r.mpint(what)
            .map(|n| Zeroizing::new(n.to_vec()))
            .map_err(fault)
    };
    match (public.material(), public.key_type().plain()) {
        (Material::Rsa { .. }, _) => {
            let d = number(r, "the RSA private exponent")?;
            let iqmp = number(r, "the RSA coefficient")?;
            let p = number(r, "the first RSA prime")?;
            let q = number(r, "the second RSA prime")?;
            Ok(Secret::Rsa { d, p, q, iqmp })
        }
        (Material::Dsa { .. }, _) => Ok(Secret::Dsa {
            x: number(r, "the DSA private number")?,
        }),
        (Material::Ecdsa { curve, .. }, _) => ecdsa(*curve, r),
        (Material::Ed25519 { key, .. }, _) => {
            const WHAT: &str = "the Ed25519 seed and public key, 64 bytes";
            let seed = doubled(r, WHAT, key, "the public key behind the Ed25519 seed")?;
            Ok(Secret::Ed25519 { seed })
        }
        // PuTTY's choice for a type that OpenSSH has not: as Ed25519.
        (Material::Opaque(raw), KeyType::Ed448) => {
            const WHAT: &str = "the Ed448 seed and public key, 114 bytes";
            let key = raw.get(4..).unwrap_or_default();
            let seed = doubled(r, WHAT, key, "the public key behind the Ed448 seed")?;
            Ok(Secret::Ed448 { seed })
        }
        _ => opaque(r),
    }
}

fn ecdsa(curve: Curve, r: &mut Reader<'_>) -> Result<Secret, Fault> {
    let at = r.offset();
    let found = r.mpint("the ECDSA scalar").map_err(fault)?;
    let scalar = scalar(curve, found)
        .ok_or_else(|| expected(at, "an ECDSA scalar that its curve can have"))?;
    Ok(Secret::Ecdsa { curve, scalar })
}

/// A seed with its public key behind it, in one string.
fn doubled<const N: usize>(
    r: &mut Reader<'_>,
    what: &'static str,
    public: &[u8],
    other: &'static str,
) -> Result<Zeroizing<[u8; N]>, Fault> {
    let at = r.offset();
    let both = r.string(what).map_err(fault)?;
    let (seed, key) = both
        .split_first_chunk::<N>()
        .filter(|(_, key)| key.len() == N)
        .ok_or_else(|| expected(at, what))?;
    if key != public {
        let at = at.saturating_add(4).saturating_add(N);
        return Err(expected(at, other));
    }
    Ok(Zeroizing::new(*seed))
}

/// A kind of key whose fields are not known here: strings up to the comment, which is the last one
/// before the padding. A length never begins as the padding does (`01 02 03 04` is 16 MiB).
fn opaque(r: &mut Reader<'_>) -> Result<Secret, Fault> {
    let all = r.rest();
    let is_padding = |rest: &[u8]| rest.iter().zip(1u8..).all(|(&b, n)| b == n) && rest.len() < 256;
    let mut probe = r.clone();
    let mut ends = 0;
    loop {
        probe.string("a field of the private key").map_err(fault)?;
        if is_padding(probe.rest()) {
            break;
        }
        ends = all.len().saturating_sub(probe.rest().len());
    }
    let fields = r.take(ends, "a field of the private key").map_err(fault)?;
    Ok(Secret::Opaque(Zeroizing::new(fields.to_vec())))
}
