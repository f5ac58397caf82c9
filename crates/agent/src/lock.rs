//! The lock: keys are not in memory while it holds, but encrypted under its passphrase.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::{Zeroize, Zeroizing};

/// What a lock encrypts: 64 MiB and two passes make a guess cost about a tenth of a second.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 2;

/// Bytes encrypted under a passphrase (Argon2id, RFC 9106; AES-256-GCM).
pub struct Sealed {
    salt: [u8; 16],
    tag: [u8; 16],
    bytes: Vec<u8>,
}

/// No memory for the derivation, or no randomness for the salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CannotSeal;

impl Sealed {
    /// Encrypts `plain` in its place.
    ///
    /// # Errors
    /// There is no memory or no randomness; `plain` is wiped all the same.
    pub fn seal(mut plain: Zeroizing<Vec<u8>>, passphrase: &[u8]) -> Result<Sealed, CannotSeal> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| CannotSeal)?;
        let cipher = cipher(passphrase, &salt)?;
        // The key is new with each salt, so one nonce serves.
        let tag = cipher
            .encrypt_inout_detached(&[0; 12].into(), b"", plain.as_mut_slice().into())
            .map_err(|_| CannotSeal)?;
        Ok(Sealed {
            salt,
            tag: tag.into(),
            bytes: std::mem::take(&mut *plain),
        })
    }

    /// The bytes again. `None`: another passphrase (or no memory for the derivation).
    #[must_use]
    pub fn open(&self, passphrase: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let cipher = cipher(passphrase, &self.salt).ok()?;
        let mut plain = Zeroizing::new(self.bytes.clone());
        cipher
            .decrypt_inout_detached(
                &[0; 12].into(),
                b"",
                plain.as_mut_slice().into(),
                &self.tag.into(),
            )
            .ok()?;
        Some(plain)
    }
}

fn cipher(passphrase: &[u8], salt: &[u8]) -> Result<Aes256Gcm, CannotSeal> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32)).map_err(|_| CannotSeal)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = Zeroizing::new([0u8; 32]);
    argon
        .hash_password_into(passphrase, salt, &mut key[..])
        .map_err(|_| CannotSeal)?;
    let cipher = Aes256Gcm::new_from_slice(&key[..]).map_err(|_| CannotSeal);
    key.zeroize();
    cipher
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_passphrase_opens_and_no_plain_byte_is_kept() {
        let plain = b"a secret of some length, longer than a block";
        let sealed = Sealed::seal(Zeroizing::new(plain.to_vec()), b"pass").unwrap();
        assert_eq!(sealed.bytes.len(), plain.len());
        assert!(
            !sealed
                .bytes
                .windows(4)
                .any(|w| plain.windows(4).any(|p| p == w))
        );
        assert!(sealed.open(b"Pass").is_none());
        assert_eq!(*sealed.open(b"pass").unwrap(), plain);
    }
}
