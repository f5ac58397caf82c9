//! The file as PuTTYgen writes it, byte for byte.

use super::crypt::{Keys, Parts};
use super::{Argon2Cost, CIPHER};
use crate::fields;
use crate::file::Argon2Flavour;
use crate::secret::PrivateKey;
use crate::write::{PpkOptions, WriteError};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use rand_core::CryptoRng;
use sha1::{Digest, Sha1};
use sshwhy_keys::base64;
use zeroize::{Zeroize, Zeroizing};

/// Writes the file.
pub(crate) fn write(
    key: &PrivateKey,
    options: &PpkOptions,
    passphrase: Option<&[u8]>,
    rng: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let version = options.version;
    if !(2..=3).contains(&version) {
        return Err(WriteError::Unsupported("PuTTY's format in this version"));
    }
    let comment = key.comment();
    if comment.iter().any(|b| matches!(b, b'\r' | b'\n')) {
        return Err(WriteError::CommentBreaksLine);
    }
    key.check().map_err(WriteError::Inconsistent)?;
    let mut private = fields::ppk(key).ok_or(WriteError::Unsupported(
        "PuTTY's format has no keys of this kind",
    ))?;
    let encryption: &[u8] = if passphrase.is_some() {
        CIPHER
    } else {
        b"none"
    };
    let label = key.public().key_type().name();

    let mut out = Zeroizing::new(Vec::with_capacity(
        (key.public().blob().len())
            .saturating_add(private.len())
            .saturating_mul(2)
            .saturating_add(comment.len())
            .saturating_add(1024),
    ));
    out.extend_from_slice(format!("PuTTY-User-Key-File-{version}: ").as_bytes());
    out.extend_from_slice(label);
    out.extend_from_slice(b"\nEncryption: ");
    out.extend_from_slice(encryption);
    out.extend_from_slice(b"\nComment: ");
    out.extend_from_slice(comment);
    out.push(b'\n');
    put_lines(&mut out, "Public", key.public().blob());

    let keys = match passphrase {
        None => Keys::none(version),
        Some(p) => {
            // The padding is made from the content (`ppk_save_sb`), so that nothing leaks into it.
            let pad = (16usize.saturating_sub(private.len() % 16)) % 16;
            let hash = Sha1::digest(&private);
            private.extend(hash.iter().take(pad));
            if version == 3 {
                let cost = cost(options, rng);
                put_cost(&mut out, &cost);
                Keys::argon2(p, &cost).map_err(WriteError::Unsupported)?
            } else {
                Keys::sha1(p)
            }
        }
    };
    let mac = keys.mac(
        version,
        &Parts {
            label,
            encryption,
            comment,
            public: key.public().blob(),
            private: &private,
        },
    );
    if passphrase.is_some() {
        keys.encrypt(&mut private);
    }
    put_lines(&mut out, "Private", &private);
    out.extend_from_slice(b"Private-MAC: ");
    put_hex(&mut out, &mac);
    out.push(b'\n');
    Ok(out)
}

fn cost(options: &PpkOptions, rng: &mut dyn CryptoRng) -> Argon2Cost {
    let salt = options.salt.clone().unwrap_or_else(|| {
        let mut salt = vec![0; 16];
        rng.fill_bytes(&mut salt);
        salt
    });
    Argon2Cost {
        flavour: options.flavour,
        memory: options.memory,
        passes: options.passes,
        parallelism: options.parallelism,
        salt,
    }
}

fn put_cost(out: &mut Vec<u8>, cost: &Argon2Cost) {
    let name = match cost.flavour {
        Argon2Flavour::D => "Argon2d",
        Argon2Flavour::I => "Argon2i",
        Argon2Flavour::Id => "Argon2id",
    };
    out.extend_from_slice(
        format!(
            "Key-Derivation: {name}\nArgon2-Memory: {}\nArgon2-Passes: {}\nArgon2-Parallelism: {}\nArgon2-Salt: ",
            cost.memory, cost.passes, cost.parallelism
        )
        .as_bytes(),
    );
    put_hex(out, &cost.salt);
    out.push(b'\n');
}

/// A count of lines and the lines of base64, 48 bytes in each.
fn put_lines(out: &mut Vec<u8>, name: &str, blob: &[u8]) {
    let count = blob.len().div_ceil(48);
    out.extend_from_slice(format!("{name}-Lines: {count}\n").as_bytes());
    for part in blob.chunks(48) {
        let mut text = base64::encode(part);
        out.extend_from_slice(text.as_bytes());
        text.zeroize();
        out.push(b'\n');
    }
}

fn put_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        out.extend_from_slice(format!("{byte:02x}").as_bytes());
    }
}
