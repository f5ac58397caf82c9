//! The private half: decrypted, held against the MAC, and what is wrong where it does not fit.

use super::crypt::{Keys, Parts, hash};
use super::{Body, CIPHER};
use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::fields;
use crate::file::KeyFile;
use crate::number;
use crate::secret::{Checked, Inconsistent, PrivateKey, Secret, derive_public};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use sshwhy_keys::wire::{Reader, put_mpint, put_string, trim_zeros};
use sshwhy_keys::{Material, PublicKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Decrypts and checks.
pub(crate) fn unlock(
    file: &KeyFile,
    body: &Body,
    passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    let Some(public) = &file.public else {
        return Err(UnlockError::Unsupported("a file without its public half"));
    };
    let keys = match (passphrase, &body.cost) {
        (None, _) => Keys::none(body.version),
        (Some(p), Some(cost)) => Keys::argon2(p, cost).map_err(UnlockError::Unsupported)?,
        (Some(p), None) => Keys::sha1(p),
    };
    let mut private = body.private.clone();
    if passphrase.is_some() {
        if !private.len().is_multiple_of(16) {
            let at = private.len();
            let expected = "whole blocks of 16 bytes";
            return Err(if is_plain(public, &private) {
                NOT_ENCRYPTED
            } else {
                damaged(file, body, FileErrorKind::Structure { at, expected })
            });
        }
        keys.decrypt(&mut private);
    }
    let tried = Tried {
        file,
        body,
        public,
        keys: &keys,
        private: &private,
        encrypted: passphrase.is_some(),
    };
    if !tried.fits(tried.parts()) {
        return Err(if passphrase.is_some() && is_plain(public, &body.private) {
            NOT_ENCRYPTED
        } else {
            tried.why()
        });
    }
    let mut r = Reader::new(&private);
    let secret = fields::read_ppk(public, &mut r).map_err(|kind| damaged(file, body, kind))?;
    let key = PrivateKey::new(
        public.clone(),
        secret,
        file.comment.clone().unwrap_or_default(),
    );
    key.check().map_err(UnlockError::Inconsistent)?;
    Ok(key)
}

fn damaged(file: &KeyFile, body: &Body, kind: FileErrorKind) -> UnlockError {
    let (line, offset) = body.private_at;
    UnlockError::Damaged(FileError {
        line,
        offset,
        format: Some(file.format.clone()),
        kind,
    })
}

const NOT_ENCRYPTED: UnlockError = UnlockError::MacMismatch {
    changed: Some("the Encryption header: the private half is not encrypted"),
};

/// Whether these private fields, as they stand in the file, are those of the public half.
fn is_plain(public: &PublicKey, private: &[u8]) -> bool {
    fields::read_ppk(public, &mut Reader::new(private)).is_ok_and(|secret| {
        let key = PrivateKey::new(public.clone(), secret, Vec::new());
        key.check() == Ok(Checked::Fits)
    })
}

/// A file with the keys of one passphrase.
struct Tried<'a> {
    file: &'a KeyFile,
    body: &'a Body,
    public: &'a PublicKey,
    keys: &'a Keys,
    private: &'a [u8],
    encrypted: bool,
}

const BOTH_FIT: &str =
    "the comment, a header, or the MAC itself; the two halves of the key are whole and fit";
const PRIVATE: &str = "the private half";
const PUBLIC: &str = "the public half; the private one is whole";

impl<'a> Tried<'a> {
    fn parts(&self) -> Parts<'a> {
        Parts {
            label: &self.body.label,
            encryption: if self.encrypted { CIPHER } else { b"none" },
            comment: self.file.comment.as_deref().unwrap_or_default(),
            public: self.public.blob(),
            private: self.private,
        }
    }

    fn fits(&self, parts: Parts<'_>) -> bool {
        let found = if self.body.is_hash {
            hash(parts.private)
        } else {
            self.keys.mac(self.body.version, &parts)
        };
        found.ct_eq(&self.body.mac).into()
    }

    /// Why the MAC does not fit: tries what an edit may have changed.
    fn why(&self) -> UnlockError {
        let changed = |what| UnlockError::MacMismatch {
            changed: Some(what),
        };
        let parts = self.parts();
        if self.fits_other_version() {
            return changed("the version in the first line");
        }
        let label = Parts {
            label: self.public.key_type().name(),
            ..parts
        };
        if self.fits(label) {
            return changed("the key type in the first line");
        }
        if self.body.version != 1
            && self.comment_variants().any(|c| {
                self.fits(Parts {
                    comment: &c,
                    ..parts
                })
            })
        {
            return changed("the blanks around the comment");
        }
        let mut r = Reader::new(self.private);
        let secret = fields::read_ppk(self.public, &mut r);
        let secret = match secret {
            Ok(secret) => secret,
            Err(_) if !self.encrypted => {
                let blocks = self.private.len().is_multiple_of(16);
                return changed(if blocks && !self.begins_rightly() {
                    "the Encryption header, or the private half, which looks encrypted"
                } else {
                    PRIVATE
                });
            }
            // Four bytes that fit by chance: one in 2^24 wrong passphrases at most.
            Err(_) if self.begins_rightly() => return changed(PRIVATE),
            Err(_) => {
                let hint = (!self.file.problems.is_empty())
                    .then_some("other parts of the file are damaged");
                return UnlockError::WrongOrDamaged { hint };
            }
        };
        let key = PrivateKey::new(self.public.clone(), secret, Vec::new());
        let fit = key.check();
        if fit == Ok(Checked::Fits) {
            // In version 1 the MAC covers the private half alone, which is whole here.
            return changed(match self.body.version {
                1 => "the MAC itself; the two halves of the key are whole and fit",
                _ => BOTH_FIT,
            });
        }
        let candidates = public_candidates(self.public, key.secret());
        if self.body.version == 1 && !candidates.is_empty() {
            return UnlockError::MacMismatch { changed: None };
        }
        if candidates.iter().any(|blob| {
            self.fits(Parts {
                public: blob,
                ..parts
            })
        }) {
            return changed(PUBLIC);
        }
        if is_broken_rsa(&fit, key.secret()) {
            return changed(PRIVATE);
        }
        UnlockError::MacMismatch { changed: None }
    }

    /// Versions 1 and 2 differ in their MACs alone. (That of version 3 has another length, and the
    /// reader tells by it.)
    fn fits_other_version(&self) -> bool {
        let version = match self.body.version {
            1 => 2,
            2 => 1,
            _ => return false,
        };
        let mac = self.keys.mac(version, &self.parts());
        !self.body.is_hash && mac.ct_eq(&self.body.mac).into()
    }

    /// Comments that an editor or a mail may have made this one of.
    fn comment_variants(&self) -> impl Iterator<Item = Vec<u8>> {
        let comment = self.file.comment.clone().unwrap_or_default();
        let trimmed = comment.trim_ascii().to_owned();
        let spaced = [comment.as_slice(), b" "].concat();
        [trimmed, spaced].into_iter()
    }

    /// Whether the first length in the decrypted private half is one that this key can have.
    fn begins_rightly(&self) -> bool {
        let Some((len, _)) = self.private.split_first_chunk::<4>() else {
            return false;
        };
        let len = usize::try_from(u32::from_be_bytes(*len)).unwrap_or(usize::MAX);
        let about = |full: usize| (full.saturating_sub(8)..=full.saturating_add(1)).contains(&len);
        match self.public.material() {
            Material::Rsa { n, .. } => about(n.len()),
            Material::Dsa { pqgy: [_, q, _, _] } => about(q.len()),
            Material::Ecdsa { curve, .. } => about(fields::scalar_len(*curve)),
            Material::Ed25519 { .. } => len == 32,
            Material::Opaque(_) => len == 57,
            _ => false,
        }
    }
}

/// Whether the numbers of an RSA key's private half do not even fit each other.
fn is_broken_rsa(fit: &Result<Checked, Inconsistent>, secret: &Secret) -> bool {
    let Secret::Rsa { p, q, iqmp, .. } = secret else {
        return false;
    };
    match fit {
        // The modulus is the product of the primes, so the public half is whole.
        Err(Inconsistent::Number(_)) => true,
        _ => match (number::number(p), number::number(q), number::number(iqmp)) {
            (Some(p), Some(q), Some(i)) => !number::are_inverse(&i, &q, &p),
            _ => true,
        },
    }
}

/// Public blobs that would belong to this private half.
fn public_candidates(public: &PublicKey, secret: &Secret) -> Vec<Zeroizing<Vec<u8>>> {
    if let (Material::Rsa { e, .. }, Secret::Rsa { p, q, .. }) = (public.material(), secret) {
        let (Some(p), Some(q)) = (number::number(p), number::number(q)) else {
            return Vec::new();
        };
        let n = number::bytes(&number::product(&p, &q));
        // 37 is what PuTTYgen took before 0.75; the file's own may be the part that is whole.
        return [e.as_slice(), &[1, 0, 1], &[37]]
            .into_iter()
            .map(|e| {
                let mut blob = Zeroizing::new(Vec::new());
                put_string(&mut blob, b"ssh-rsa");
                put_mpint(&mut blob, trim_zeros(e));
                put_mpint(&mut blob, &n);
                blob
            })
            .collect();
    }
    derive_public(public, secret)
        .into_iter()
        .map(Zeroizing::new)
        .collect()
}
