//! The structure of a public key blob (RFC 4253 §6.6), checked as `sshkey_fromb` does, without big-number work.

use crate::label::{self, Kind, Label, LabelSet};
use sshwhy_keys::{KeyType, PublicKey};

/// Why a blob is not a key. Offsets count in decoded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BlobError {
    /// A field runs past the end.
    Truncated {
        /// Bytes there are.
        have: usize,
        /// Bytes the field would need.
        need: usize,
    },
    /// The key is whole and `extra` bytes follow it.
    TrailingBytes {
        /// How many.
        extra: usize,
    },
    /// The type name inside is not one this build knows.
    UnknownType,
    /// A field has a length or value no such key has.
    BadField,
    /// The RSA modulus is shorter than the build takes at all.
    RsaTooShort {
        /// Its length in bits.
        bits: u32,
    },
}

/// What a whole blob holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The label inside the blob.
    pub label: &'static Label,
    /// Length in bits of an RSA modulus; 0 for other kinds.
    pub rsa_bits: u32,
}

/// Walks the fields of a blob.
pub(crate) struct Fields<'a> {
    blob: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(blob: &'a [u8]) -> Self {
        Self { blob, at: 0 }
    }

    /// The next `string` (RFC 4251 §5).
    pub(crate) fn string(&mut self) -> Result<&'a [u8], BlobError> {
        let have = self.blob.len();
        let rest = self.blob.get(self.at..).unwrap_or(&[]);
        let Some((len, body)) = rest.split_first_chunk::<4>() else {
            return Err(BlobError::Truncated {
                have,
                need: self.at.saturating_add(4),
            });
        };
        let len = u32::from_be_bytes(*len) as usize;
        let start = self.at + 4;
        match body.get(..len) {
            Some(s) => {
                self.at = start + len;
                Ok(s)
            }
            None => Err(BlobError::Truncated {
                have,
                need: start.saturating_add(len),
            }),
        }
    }

    fn skip(&mut self, n: usize) -> Result<(), BlobError> {
        let need = self.at.saturating_add(n);
        if need > self.blob.len() {
            return Err(BlobError::Truncated {
                have: self.blob.len(),
                need,
            });
        }
        self.at = need;
        Ok(())
    }

    /// The next `mpint`, leading zeros removed, as `sshbuf_get_bignum2` takes it.
    fn mpint(&mut self) -> Result<&'a [u8], BlobError> {
        const MAX_BYTES: usize = 16_384 / 8;
        let raw = self.string()?;
        match raw.first() {
            Some(&b) if b & 0x80 != 0 => return Err(BlobError::BadField),
            Some(&b) if raw.len() > MAX_BYTES + 1 || (raw.len() == MAX_BYTES + 1 && b != 0) => {
                return Err(BlobError::BadField);
            }
            _ => {}
        }
        let zeros = raw.iter().take_while(|&&b| b == 0).count();
        Ok(raw.get(zeros..).unwrap_or(&[]))
    }

    fn rest(&self) -> usize {
        self.blob.len().saturating_sub(self.at)
    }
}

fn bits(n: &[u8]) -> u32 {
    n.first().map_or(0, |top| {
        (n.len() as u32)
            .saturating_mul(8)
            .saturating_sub(top.leading_zeros())
    })
}

fn sized(s: &[u8], len: usize) -> Result<(), BlobError> {
    if s.len() == len {
        Ok(())
    } else {
        Err(BlobError::BadField)
    }
}

fn point(curve: Option<&str>, inner: &[u8], q: &[u8]) -> Result<(), BlobError> {
    let field = match curve {
        Some("nistp256") => 32,
        Some("nistp384") => 48,
        Some("nistp521") => 66,
        _ => return Err(BlobError::BadField),
    };
    if curve.map(str::as_bytes) != Some(inner) || q.first() != Some(&4) {
        return Err(BlobError::BadField);
    }
    sized(q, 1 + 2 * field)
}

/// Check the whole structure of `blob`.
///
/// # Errors
/// The first field that no key of that type can have. A point off its curve is not looked for: such a key can
/// never be the one a client offers.
pub(crate) fn check(blob: &[u8], labels: LabelSet, rsa_min_bits: u32) -> Result<Shape, BlobError> {
    let mut f = Fields::new(blob);
    let name = f.string()?;
    let label = labels
        .find(name)
        .or_else(|| labels.find(KeyType::from_blob_name(name).name()))
        .ok_or(BlobError::UnknownType)?;
    let mut rsa_bits = 0;
    if label.cert {
        f.string()?;
    }
    match label.kind {
        Kind::Rsa => {
            f.mpint()?;
            rsa_bits = bits(f.mpint()?);
        }
        Kind::Dsa => {
            let p = bits(f.mpint()?);
            f.mpint()?;
            f.mpint()?;
            f.mpint()?;
            if p != 1024 {
                return Err(BlobError::BadField);
            }
        }
        Kind::Ecdsa => point(label.curve, f.string()?, f.string()?)?,
        Kind::Ed25519 => sized(f.string()?, 32)?,
        Kind::EcdsaSk => {
            point(label.curve, f.string()?, f.string()?)?;
            f.string()?;
        }
        Kind::Ed25519Sk => {
            sized(f.string()?, 32)?;
            f.string()?;
        }
        Kind::Mldsa44Ed25519 => sized(f.string()?, 1312 + 32)?,
    }
    if label.cert {
        f.skip(8 + 4)?; // serial, type
        f.string()?; // key id
        f.string()?; // principals
        f.skip(16)?; // valid after, before
        for _ in 0..5 {
            f.string()?; // critical options, extensions, reserved, signature key, signature
        }
    }
    match f.rest() {
        0 if label.kind == Kind::Rsa && rsa_bits < rsa_min_bits => {
            Err(BlobError::RsaTooShort { bits: rsa_bits })
        }
        0 => Ok(Shape { label, rsa_bits }),
        extra => Err(BlobError::TrailingBytes { extra }),
    }
}

/// The label named inside a blob, whatever follows.
pub(crate) fn inner_label(blob: &[u8]) -> Option<&'static Label> {
    Fields::new(blob).string().ok().and_then(label::by_name)
}

/// True when two whole blobs hold the same public key (`sshkey_equal`): RSA numbers may carry needless zeros, and
/// the name inside may be an alias.
pub(crate) fn same_key(a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    // Only aliases and padded numbers make unequal bytes an equal key, and those change the length too little.
    if a.len().abs_diff(b.len()) > 64 || a.first_chunk::<4>().is_none() {
        return false;
    }
    match (PublicKey::from_blob(a), PublicKey::from_blob(b)) {
        (Ok(x), Ok(y)) => x.is_certificate() == y.is_certificate() && x.same_public(&y),
        _ => false,
    }
}
