//! Keys written to files: the front of all writers.

use crate::error::UnlockError;
use crate::file::Argon2Flavour;
use crate::secret::PrivateKey;
use crate::{openssh, pem, pkcs8, ppk, public_write};
use alloc::vec::Vec;
use core::fmt;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A passphrase: wiped on drop, without `Debug`.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<Vec<u8>>);

impl Passphrase {
    /// Takes the bytes over. An empty one is none to every format.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Passphrase(Zeroizing::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The file that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// PuTTY's format.
    Ppk(PpkOptions),
    /// OpenSSH's own format.
    Openssh(OpensshOptions),
    /// Traditional PEM, as `ssh-keygen -m PEM` writes it.
    Pem,
    /// PKCS#8, as `ssh-keygen -m PKCS8` writes it.
    Pkcs8 {
        /// Iterations of PBKDF2 where there is a passphrase; OpenSSL's default is 2048.
        iterations: u32,
    },
    /// The public half: `---- BEGIN SSH2 PUBLIC KEY ----` (RFC 4716).
    Rfc4716,
    /// The public half: `keytype base64 comment`.
    Line,
}

/// How a PPK is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PpkOptions {
    /// 2, or 3 (PuTTY 0.75 and later).
    pub version: u32,
    /// Key derivation of version 3.
    pub flavour: Argon2Flavour,
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it. PuTTY takes as many as fit into 100 ms: [`crate::tune_passes`].
    pub passes: u32,
    /// Lanes.
    pub parallelism: u32,
    /// The salt, to write a file byte for byte anew; else 16 random bytes.
    pub salt: Option<Vec<u8>>,
}

impl Default for PpkOptions {
    /// What PuTTYgen 0.75 and later save with, but for the passes, which depend on the machine.
    fn default() -> Self {
        PpkOptions {
            version: 3,
            flavour: Argon2Flavour::Id,
            memory: 8192,
            passes: 13,
            parallelism: 1,
            salt: None,
        }
    }
}

/// How OpenSSH's own format is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpensshOptions {
    /// The cipher, where there is a passphrase: `aes256-ctr`.
    pub cipher: &'static str,
    /// Rounds of bcrypt.
    pub rounds: u32,
}

impl Default for OpensshOptions {
    /// What the newest ssh-keygen writes: 16 rounds in OpenSSH 9.2, 24 in 10.0, 32 in 10.6.
    fn default() -> Self {
        OpensshOptions {
            cipher: "aes256-ctr",
            rounds: 32,
        }
    }
}

/// Why a key cannot be written so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The format has no room for this kind of key, or these options: says which.
    Unsupported(&'static str),
    /// The halves do not fit each other; such a key is not written.
    Inconsistent(crate::secret::Inconsistent),
    /// The comment has a line break, which the format cannot hold.
    CommentBreaksLine,
    /// The comment has a NUL, at which ssh-keygen refuses the whole file.
    CommentHasNul,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Unsupported(what) => write!(f, "cannot be written: {what}"),
            WriteError::Inconsistent(why) => UnlockError::Inconsistent(why.clone()).fmt(f),
            WriteError::CommentBreaksLine => {
                f.write_str("the comment has a line break, which this format cannot hold")
            }
            WriteError::CommentHasNul => {
                f.write_str("the comment has a NUL, which this format cannot hold")
            }
        }
    }
}

impl core::error::Error for WriteError {}

/// Writes `key`. Without a passphrase, or with an empty one, the file is not encrypted.
///
/// # Errors
/// The format cannot hold the key.
pub fn write(
    key: &PrivateKey,
    target: &Target,
    passphrase: Option<&[u8]>,
    rng: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let passphrase = passphrase.filter(|p| !p.is_empty());
    match target {
        Target::Ppk(options) => ppk::write(key, options, passphrase, rng),
        Target::Openssh(options) => openssh::write(key, options, passphrase, rng),
        Target::Pem => pem::write(key, passphrase, rng),
        Target::Pkcs8 { iterations } => pkcs8::write(key, *iterations, passphrase, rng),
        Target::Rfc4716 => Ok(Zeroizing::new(public_write::rfc4716(
            key.public(),
            key.comment(),
        ))),
        Target::Line => Ok(Zeroizing::new(public_write::line(
            key.public(),
            key.comment(),
        ))),
    }
}
