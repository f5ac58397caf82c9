//! Keys, ciphers and MACs of all versions.

use super::Argon2Cost;
use crate::file::Argon2Flavour;
use aes::Aes256;
use alloc::vec::Vec;
use argon2::{Algorithm, Argon2, Params, Version};
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use sha2::Sha256;
use sshwhy_keys::wire::put_string;
use zeroize::Zeroizing;

/// Most memory taken for Argon2, in KiB: a header must not make this program take more.
const MAX_MEMORY: u32 = 1 << 20;
/// Most work for Argon2, in KiB times passes, that is done to open a PPK: about a minute and a half
/// on a core of 2026.
pub const MAX_ARGON2_WORK: u64 = 1 << 28;

/// What a passphrase gives.
pub(super) struct Keys {
    cipher: Zeroizing<[u8; 32]>,
    iv: Zeroizing<[u8; 16]>,
    mac: Zeroizing<Vec<u8>>,
}

impl Keys {
    /// Of a file that is not encrypted.
    pub(super) fn none(version: u32) -> Keys {
        let mac = match version {
            3 => Zeroizing::default(),
            _ => sha1_mac_key(b""),
        };
        Keys {
            cipher: Zeroizing::default(),
            iv: Zeroizing::default(),
            mac,
        }
    }

    /// Versions 1 and 2: SHA-1 of a counter and the passphrase, and an IV of zeros.
    pub(super) fn sha1(passphrase: &[u8]) -> Keys {
        let mut cipher = Zeroizing::new([0; 32]);
        for (counter, part) in (0u32..).zip(cipher.chunks_mut(20)) {
            let mut hash = Sha1::new();
            hash.update(counter.to_be_bytes());
            hash.update(passphrase);
            let out = Zeroizing::new(<[u8; 20]>::from(hash.finalize()));
            for (to, from) in part.iter_mut().zip(out.iter()) {
                *to = *from;
            }
        }
        Keys {
            cipher,
            iv: Zeroizing::default(),
            mac: sha1_mac_key(passphrase),
        }
    }

    /// Version 3.
    pub(super) fn argon2(passphrase: &[u8], cost: &Argon2Cost) -> Result<Keys, &'static str> {
        if cost.memory > MAX_MEMORY {
            return Err("an Argon2 memory of more than 1 GiB");
        }
        if u64::from(cost.memory) * u64::from(cost.passes) > MAX_ARGON2_WORK {
            return Err("Argon2 passes that take longer than any key is worth waiting for");
        }
        let params = Params::new(cost.memory, cost.passes, cost.parallelism, Some(80))
            .map_err(|_| "Argon2 parameters outside of RFC 9106 (memory, passes, parallelism)")?;
        let algorithm = match cost.flavour {
            Argon2Flavour::D => Algorithm::Argon2d,
            Argon2Flavour::I => Algorithm::Argon2i,
            Argon2Flavour::Id => Algorithm::Argon2id,
        };
        let mut tag = Zeroizing::new([0u8; 80]);
        Argon2::new(algorithm, Version::V0x13, params)
            .hash_password_into(passphrase, &cost.salt, tag.as_mut_slice())
            .map_err(|_| "an Argon2 salt or passphrase of a length that RFC 9106 has not")?;
        let mut keys = Keys {
            cipher: Zeroizing::default(),
            iv: Zeroizing::default(),
            mac: Zeroizing::new(Vec::with_capacity(32)),
        };
        for (n, byte) in tag.iter().enumerate() {
            match n {
                0..32 => set(keys.cipher.as_mut_slice(), n, *byte),
                32..48 => set(keys.iv.as_mut_slice(), n.saturating_sub(32), *byte),
                _ => keys.mac.push(*byte),
            }
        }
        Ok(keys)
    }

    /// In place; what is not a whole block stays.
    pub(super) fn decrypt(&self, data: &mut [u8]) {
        let mut cbc =
            cbc::Decryptor::<Aes256>::new(&Array::from(*self.cipher), &Array::from(*self.iv));
        for block in data.as_chunks_mut::<16>().0 {
            cbc.decrypt_block(block.into());
        }
    }

    /// In place; what is not a whole block stays.
    pub(super) fn encrypt(&self, data: &mut [u8]) {
        let mut cbc =
            cbc::Encryptor::<Aes256>::new(&Array::from(*self.cipher), &Array::from(*self.iv));
        for block in data.as_chunks_mut::<16>().0 {
            cbc.encrypt_block(block.into());
        }
    }

    /// `Private-MAC`: over these parts (versions 2 and 3).
    pub(super) fn mac(&self, version: u32, parts: &Parts<'_>) -> Vec<u8> {
        let all = [
            parts.label,
            parts.encryption,
            parts.comment,
            parts.public,
            parts.private,
        ];
        let size = all
            .iter()
            .fold(0usize, |n, p| n.saturating_add(p.len()).saturating_add(4));
        let mut data = Zeroizing::new(Vec::with_capacity(size));
        match version {
            1 => data.extend_from_slice(parts.private),
            _ => all.iter().for_each(|p| put_string(&mut data, p)),
        }
        if version == 3 {
            tag::<Hmac<Sha256>>(&self.mac, &data)
        } else {
            tag::<Hmac<Sha1>>(&self.mac, &data)
        }
    }
}

/// What the MAC covers.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) label: &'a [u8],
    pub(super) encryption: &'a [u8],
    pub(super) comment: &'a [u8],
    pub(super) public: &'a [u8],
    /// Decrypted, with its padding.
    pub(super) private: &'a [u8],
}

/// `Private-Hash` of version 1.
pub(super) fn hash(private: &[u8]) -> Vec<u8> {
    Sha1::digest(private).to_vec()
}

fn set(to: &mut [u8], at: usize, byte: u8) {
    if let Some(slot) = to.get_mut(at) {
        *slot = byte;
    }
}

fn sha1_mac_key(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut hash = Sha1::new();
    hash.update(b"putty-private-key-file-mac-key");
    hash.update(passphrase);
    Zeroizing::new(hash.finalize().to_vec())
}

fn tag<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length; an empty tag would match nothing.
    match <M as KeyInit>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(data);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}
