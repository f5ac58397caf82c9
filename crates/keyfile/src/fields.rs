//! The fields of a private key in the orders of the two SSH formats.
//!
//! One place for both, so that a kind of key is added once. PuTTY's order: putty.but, appendix on
//! the PPK format. OpenSSH's: `sshkey_private_serialize` and `sshkey_private_deserialize`.

use crate::error::FileErrorKind;
use crate::number;
use crate::secret::{PrivateKey, Secret};
use alloc::vec::Vec;
use sshwhy_keys::wire::{Reader, put_mpint, put_string, trim_zeros};
use sshwhy_keys::{BlobError, BlobErrorKind, Curve, KeyType, Material, PublicKey};
use zeroize::Zeroizing;

/// Length of a scalar of the curve in bytes.
pub(crate) fn scalar_len(curve: Curve) -> usize {
    match curve {
        Curve::P256 => 32,
        Curve::P384 => 48,
        Curve::P521 => 66,
    }
}

/// A big endian number as a scalar of full length; None when it is longer.
pub(crate) fn scalar(curve: Curve, magnitude: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let magnitude = trim_zeros(magnitude);
    let pad = scalar_len(curve).checked_sub(magnitude.len())?;
    let mut out = Zeroizing::new(Vec::with_capacity(scalar_len(curve)));
    out.resize(pad, 0);
    out.extend_from_slice(magnitude);
    Some(out)
}

/// The error of a reader of public data, said of private content: its place and item alone.
pub(crate) fn structure(e: &BlobError) -> FileErrorKind {
    let expected = match &e.kind {
        BlobErrorKind::Truncated { what, .. }
        | BlobErrorKind::StringTooLong { what, .. }
        | BlobErrorKind::EmbeddedNul { what }
        | BlobErrorKind::NegativeMpint { what }
        | BlobErrorKind::MpintTooLarge { what, .. }
        | BlobErrorKind::KeyLength { what, .. } => what,
        _ => "a public key",
    };
    FileErrorKind::Structure {
        at: e.offset,
        expected,
    }
}

fn owned(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

struct Fields<'a, 'r>(&'r mut Reader<'a>);

impl<'a> Fields<'a, '_> {
    fn string(&mut self, what: &'static str) -> Result<&'a [u8], FileErrorKind> {
        self.0.string(what).map_err(|e| structure(&e))
    }

    fn number(&mut self, what: &'static str) -> Result<Zeroizing<Vec<u8>>, FileErrorKind> {
        self.0.mpint(what).map(owned).map_err(|e| structure(&e))
    }

    fn scalar(&mut self, curve: Curve) -> Result<Secret, FileErrorKind> {
        let expected = "an ECDSA scalar that its curve can have";
        let at = self.0.offset();
        let found = self.number("the ECDSA scalar")?;
        let scalar = scalar(curve, &found).ok_or(FileErrorKind::Structure { at, expected })?;
        Ok(Secret::Ecdsa { curve, scalar })
    }

    fn array<const N: usize>(
        &mut self,
        expected: &'static str,
    ) -> Result<Zeroizing<[u8; N]>, FileErrorKind> {
        let at = self.0.offset();
        let mut out = Zeroizing::new([0; N]);
        let found = self.string(expected)?;
        if found.len() != N {
            return Err(FileErrorKind::Structure { at, expected });
        }
        out.copy_from_slice(found);
        Ok(out)
    }
}

/// Reads the private fields of a PPK for a key of this type; what follows them is left in `r`.
pub(crate) fn read_ppk(public: &PublicKey, r: &mut Reader<'_>) -> Result<Secret, FileErrorKind> {
    let mut f = Fields(r);
    match (public.material(), public.key_type().plain()) {
        (Material::Rsa { .. }, _) => Ok(Secret::Rsa {
            d: f.number("the RSA private exponent")?,
            p: f.number("the first RSA prime")?,
            q: f.number("the second RSA prime")?,
            iqmp: f.number("the RSA coefficient")?,
        }),
        (Material::Dsa { .. }, _) => Ok(Secret::Dsa {
            x: f.number("the DSA private number")?,
        }),
        (
            Material::Ecdsa {
                curve,
                application: None,
                ..
            },
            _,
        ) => f.scalar(*curve),
        (
            Material::Ed25519 {
                application: None, ..
            },
            _,
        ) => Ok(Secret::Ed25519 {
            seed: f.array("an Ed25519 seed of 32 bytes")?,
        }),
        (Material::Opaque(_), KeyType::Ed448) => Ok(Secret::Ed448 {
            seed: f.array("an Ed448 seed of 57 bytes")?,
        }),
        (_, other) => Err(FileErrorKind::Unsupported(sshwhy_keys::veiled_name(
            other.name(),
        ))),
    }
}

/// The private fields of a PPK, unpadded. None for a kind of key that PuTTY has not.
///
/// PuTTY keeps the larger RSA prime first and computes the coefficient for that order
/// (`rsa_verify`), so a key that comes the other way round is turned.
pub(crate) fn ppk(key: &PrivateKey) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = room(key);
    match key.secret() {
        Secret::Rsa { d, p, q, iqmp } => {
            put_mpint(&mut out, d);
            if number::is_less(trim_zeros(p), trim_zeros(q)) {
                put_mpint(&mut out, q);
                put_mpint(&mut out, p);
                put_mpint(&mut out, &number::inverse(p, q)?);
            } else {
                put_mpint(&mut out, p);
                put_mpint(&mut out, q);
                put_mpint(&mut out, iqmp);
            }
        }
        Secret::Dsa { x } => put_mpint(&mut out, x),
        Secret::Ecdsa { scalar, .. } => put_mpint(&mut out, scalar),
        Secret::Ed25519 { seed } => put_string(&mut out, seed.as_slice()),
        Secret::Ed448 { seed } => put_string(&mut out, seed.as_slice()),
        Secret::Sk { .. } | Secret::Opaque(_) => return None,
    }
    Some(out)
}

/// An empty buffer that the fields of this key fit into: it never moves and leaves no copy.
fn room(key: &PrivateKey) -> Zeroizing<Vec<u8>> {
    let secret = match key.secret() {
        Secret::Rsa { d, p, q, iqmp } => d
            .len()
            .saturating_add(p.len())
            .saturating_add(q.len())
            .saturating_add(iqmp.len()),
        Secret::Dsa { x } => x.len(),
        Secret::Ecdsa { scalar, .. } => scalar.len(),
        Secret::Ed25519 { .. } | Secret::Ed448 { .. } => 128,
        Secret::Sk {
            key_handle,
            reserved,
            ..
        } => key_handle.len().saturating_add(reserved.len()),
        Secret::Opaque(fields) => fields.len(),
    };
    let public = key.public().blob().len().saturating_mul(2);
    Zeroizing::new(Vec::with_capacity(
        secret.saturating_add(public).saturating_add(256),
    ))
}

/// The type name and the fields of a key as they stand in an OpenSSH file, up to its comment.
///
/// A certificate stands in front of the private fields, and the public ones that it repeats are
/// left out (`sshkey_private_serialize_opt`).
pub(crate) fn openssh(key: &PrivateKey) -> Zeroizing<Vec<u8>> {
    let mut out = room(key);
    let public = key.public();
    put_string(&mut out, public.key_type().name());
    let cert = public.is_certificate();
    if cert {
        put_string(&mut out, public.blob());
    }
    match public.material() {
        Material::Rsa { e, n } if !cert => {
            put_mpint(&mut out, n);
            put_mpint(&mut out, e);
        }
        Material::Dsa { pqgy } if !cert => pqgy.iter().for_each(|v| put_mpint(&mut out, v)),
        Material::Ecdsa { curve, point, .. } if !cert => {
            put_string(&mut out, curve.name().as_bytes());
            put_string(&mut out, point);
        }
        Material::Ed25519 { key, .. } => put_string(&mut out, key),
        // Opaque material holds its own string.
        Material::Opaque(raw) if !cert => out.extend_from_slice(raw),
        _ => {}
    }
    if let Some(application) = public.application() {
        put_string(&mut out, application);
    }
    match key.secret() {
        Secret::Rsa { d, p, q, iqmp } => {
            [d, iqmp, p, q].iter().for_each(|v| put_mpint(&mut out, v))
        }
        Secret::Dsa { x } => put_mpint(&mut out, x),
        Secret::Ecdsa { scalar, .. } => put_mpint(&mut out, scalar),
        Secret::Ed25519 { seed } => {
            let mut both = Zeroizing::new([0; 64]);
            let (first, second) = both.split_at_mut(32);
            first.copy_from_slice(seed.as_slice());
            if let Material::Ed25519 { key, .. } = public.material() {
                second.copy_from_slice(key);
            }
            put_string(&mut out, both.as_slice());
        }
        // OpenSSH has no such key; PuTTY writes it like Ed25519.
        Secret::Ed448 { seed } => {
            let mut both = Zeroizing::new([0; 114]);
            let (first, second) = both.split_at_mut(57);
            first.copy_from_slice(seed.as_slice());
            if let Material::Opaque(raw) = public.material() {
                second
                    .iter_mut()
                    .zip(raw.iter().skip(4))
                    .for_each(|(to, from)| *to = *from);
            }
            put_string(&mut out, both.as_slice());
        }
        Secret::Sk {
            flags,
            key_handle,
            reserved,
        } => {
            out.push(*flags);
            put_string(&mut out, key_handle);
            put_string(&mut out, reserved);
        }
        Secret::Opaque(fields) => out.extend_from_slice(fields),
    }
    out
}
