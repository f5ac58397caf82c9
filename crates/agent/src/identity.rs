//! A private key as it travels to an agent (draft-ietf-sshm-ssh-agent §3.2; ssh-agent's
//! `sshkey_private_serialize`).

use crate::protocol::ProtocolError;
use sshwhy_keyfile::{PrivateKey, Secret};
use sshwhy_keys::wire::{Reader, put_mpint, put_string};
use sshwhy_keys::{Curve, KeyType, Material, PublicKey};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A private key in a request. It has no `Debug`; what is secret is wiped on drop.
#[non_exhaustive]
pub enum Identity {
    /// A key that is known here; its comment travels with it. Shared, not moved: a move out of a
    /// box leaves what was in it behind.
    Known(Arc<PrivateKey>),
    /// A key of another type: where it ends, and its comment begins, cannot be told.
    Unknown {
        /// The type's name.
        key_type: Vec<u8>,
        /// All that follows.
        rest: Zeroizing<Vec<u8>>,
    },
}

impl Identity {
    /// Whether the key's type is known here.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Identity::Known(_))
    }

    /// Reads the type, the fields and the comment.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Identity, ProtocolError> {
        let at = r.offset();
        let name = r.cstring("key type")?;
        let key_type = KeyType::from_name(name);
        let (public, secret) = match read_key(r, &key_type, at)? {
            Some(halves) => halves,
            None => {
                let key_type = name.to_vec();
                let rest = Zeroizing::new(r.rest().to_vec());
                let len = rest.len();
                r.take(len, "key")?;
                return Ok(Identity::Unknown { key_type, rest });
            }
        };
        let comment = r.string("comment")?.to_vec();
        Ok(Identity::Known(Arc::new(PrivateKey::new(
            public, secret, comment,
        ))))
    }

    /// Appends the type, the fields and the comment. `out` has room, so that it need not grow.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Identity::Known(key) => {
                write_key(key, out);
                put_string(out, key.comment());
            }
            Identity::Unknown { key_type, rest } => {
                put_string(out, key_type);
                out.extend_from_slice(rest);
            }
        }
    }
}

fn blob(key_type: &KeyType, fields: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    put_string(&mut out, key_type.name());
    fields(&mut out);
    out
}

fn secret_bytes(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

/// The halves of a key whose type has been read; `None` where the type is not known.
fn read_key(
    r: &mut Reader<'_>,
    key_type: &KeyType,
    at: usize,
) -> Result<Option<(PublicKey, Secret)>, ProtocolError> {
    let certificate = if key_type.is_cert() {
        let blob_at = r.offset();
        let key = PublicKey::from_blob(r.string("certificate")?)
            .map_err(|e| ProtocolError::at(blob_at, e.to_string()))?;
        if key.key_type() != key_type {
            let what = format!("a certificate of {key_type}, found {}", key.key_type());
            return Err(ProtocolError::at(blob_at, what));
        }
        Some(key)
    } else {
        None
    };
    let plain = key_type.plain();
    let cert = certificate.is_some();
    let (public, secret) = match &plain {
        KeyType::Ed25519 => {
            let pk = r.string("public key")?;
            let seed = halves::<32>(r, pk)?;
            let public = blob(&plain, |out| put_string(out, pk));
            (public, Secret::Ed25519 { seed })
        }
        KeyType::Ed448 => {
            let pk = r.string("public key")?;
            let seed = halves::<57>(r, pk)?;
            let public = blob(&plain, |out| put_string(out, pk));
            (public, Secret::Ed448 { seed })
        }
        KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521 => {
            let mut public = Vec::new();
            if !cert {
                let curve = r.string("curve")?;
                let point = r.string("point")?;
                public = blob(&plain, |out| {
                    put_string(out, curve);
                    put_string(out, point);
                });
            }
            let curve = plain.curve().unwrap_or(Curve::P256);
            let width = curve.bits().div_ceil(8) as usize;
            let number_at = r.offset();
            let number = r.mpint("private scalar")?;
            let Some(pad) = width.checked_sub(number.len()) else {
                return Err(ProtocolError::at(
                    number_at,
                    "a scalar as long as the curve's field",
                ));
            };
            let mut scalar = Zeroizing::new(vec![0; width]);
            for (to, from) in scalar.iter_mut().skip(pad).zip(number) {
                *to = *from;
            }
            (public, Secret::Ecdsa { curve, scalar })
        }
        KeyType::Rsa => {
            let mut public = Vec::new();
            if !cert {
                let n = r.mpint("modulus")?;
                let e = r.mpint("exponent")?;
                public = blob(&plain, |out| {
                    put_mpint(out, e);
                    put_mpint(out, n);
                });
            }
            let d = secret_bytes(r.mpint("private exponent")?);
            let iqmp = secret_bytes(r.mpint("q^-1 mod p")?);
            let p = secret_bytes(r.mpint("p")?);
            let q = secret_bytes(r.mpint("q")?);
            (public, Secret::Rsa { d, p, q, iqmp })
        }
        KeyType::Dsa => {
            let mut public = Vec::new();
            if !cert {
                let numbers = [r.mpint("p")?, r.mpint("q")?, r.mpint("g")?, r.mpint("y")?];
                public = blob(&plain, |out| {
                    for number in numbers {
                        put_mpint(out, number);
                    }
                });
            }
            let x = secret_bytes(r.mpint("x")?);
            (public, Secret::Dsa { x })
        }
        KeyType::SkEd25519 | KeyType::SkEcdsaP256 => {
            let mut key = Vec::new();
            if plain == KeyType::SkEcdsaP256 {
                if !cert {
                    put_string(&mut key, r.string("curve")?);
                    put_string(&mut key, r.string("point")?);
                }
            } else {
                put_string(&mut key, r.string("public key")?);
            }
            let application = r.string("application")?;
            let public = blob(&plain, |out| {
                out.extend_from_slice(&key);
                put_string(out, application);
            });
            let flags = r.u8("flags")?;
            let key_handle = r.string("key handle")?.to_vec();
            let reserved = r.string("reserved field")?.to_vec();
            (
                public,
                Secret::Sk {
                    flags,
                    key_handle,
                    reserved,
                },
            )
        }
        _ => return Ok(None),
    };
    let public = match certificate {
        Some(key) => key,
        None => PublicKey::from_blob(&public).map_err(|e| ProtocolError::at(at, e.to_string()))?,
    };
    Ok(Some((public, secret)))
}

/// RFC 8032's secret, followed by the public key, which was said before.
fn halves<const N: usize>(
    r: &mut Reader<'_>,
    public: &[u8],
) -> Result<Zeroizing<[u8; N]>, ProtocolError> {
    let at = r.offset();
    let both = r.string("private key")?;
    let mut seed = Zeroizing::new([0; N]);
    match both.split_at_checked(N) {
        Some((secret, again)) if again == public => {
            seed.copy_from_slice(secret);
            Ok(seed)
        }
        _ => Err(ProtocolError::at(
            at,
            "the secret, and the public key once more",
        )),
    }
}

/// Appends the type and the fields of a key.
fn write_key(key: &PrivateKey, out: &mut Vec<u8>) {
    let public = key.public();
    let plain = public.key_type().plain();
    put_string(out, public.key_type().name());
    let cert = public.certificate().is_some();
    if cert {
        put_string(out, public.blob());
    }
    let material = public.material();
    // Numbers of the public half stand before the secret ones, except in certificates that hold
    // them already.
    match (material, key.secret()) {
        (Material::Ed25519 { key: pk, .. }, Secret::Ed25519 { seed }) => {
            put_string(out, pk);
            put_pair(out, &seed[..], pk);
        }
        (Material::Opaque(_), Secret::Ed448 { seed }) => {
            let pk = ed448_point(public);
            put_string(out, &pk);
            put_pair(out, &seed[..], &pk);
        }
        (Material::Ecdsa { curve, point, .. }, Secret::Ecdsa { scalar, .. }) => {
            if !cert {
                put_string(out, curve.name().as_bytes());
                put_string(out, point);
            }
            put_mpint(out, scalar);
        }
        (Material::Rsa { e, n }, Secret::Rsa { d, p, q, iqmp }) => {
            if !cert {
                put_mpint(out, n);
                put_mpint(out, e);
            }
            for number in [d, iqmp, p, q] {
                put_mpint(out, number);
            }
        }
        (Material::Dsa { pqgy }, Secret::Dsa { x }) => {
            if !cert {
                for number in pqgy {
                    put_mpint(out, number);
                }
            }
            put_mpint(out, x);
        }
        (
            _,
            Secret::Sk {
                flags,
                key_handle,
                reserved,
            },
        ) => {
            match material {
                Material::Ed25519 { key, .. } => put_string(out, key),
                Material::Ecdsa { curve, point, .. } if !cert => {
                    put_string(out, curve.name().as_bytes());
                    put_string(out, point);
                }
                _ => {}
            }
            put_string(out, public.application().unwrap_or_default());
            out.push(*flags);
            put_string(out, key_handle);
            put_string(out, reserved);
        }
        (_, Secret::Opaque(fields)) => {
            // As it stands in an OpenSSH file: the public fields, then the secret ones.
            if !cert {
                let name = plain.name().len().saturating_add(4);
                out.extend_from_slice(public.blob().get(name..).unwrap_or_default());
            }
            out.extend_from_slice(fields);
        }
        // The halves are of different kinds: no agent will take this.
        _ => {}
    }
}

fn put_pair(out: &mut Vec<u8>, seed: &[u8], public: &[u8]) {
    let len = u32::try_from(seed.len().saturating_add(public.len())).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(seed);
    out.extend_from_slice(public);
}

fn ed448_point(public: &PublicKey) -> Vec<u8> {
    let mut r = Reader::new(public.blob());
    let point = r.string("type").and_then(|_| r.string("point"));
    point.unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_an_unknown_type_is_kept_as_it_came() {
        let mut wire = Vec::new();
        put_string(&mut wire, b"ssh-new@example.org");
        wire.extend_from_slice(b"whatever follows");
        let identity = Identity::read(&mut Reader::new(&wire)).unwrap();
        assert!(!identity.is_known());
        let mut again = Vec::new();
        identity.write(&mut again);
        assert_eq!(again, wire);
    }
}
