//! A private key file taken apart, without its passphrase.

use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::secret::PrivateKey;
use alloc::vec::Vec;
use sshwhy_keys::{Encoding, Format, PublicKey, sniff};

/// How the private half is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// By nothing.
    None,
    /// By a passphrase.
    Passphrase {
        /// The cipher as the file names it: `aes256-cbc`, `AES-128-CBC`, `DES-EDE3-CBC`.
        cipher: Vec<u8>,
        /// How the key is made from the passphrase.
        kdf: Kdf,
    },
}

/// How an encryption key is made from a passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kdf {
    /// PPK version 3 (RFC 9106).
    Argon2 {
        /// Which of the three.
        flavour: Argon2Flavour,
        /// Memory in KiB.
        memory: u32,
        /// Passes over it.
        passes: u32,
        /// Lanes.
        parallelism: u32,
        /// Length of the salt in bytes.
        salt: usize,
    },
    /// PPK versions 1 and 2: SHA-1 of a counter and the passphrase, once and unsalted.
    PpkSha1,
    /// OpenSSH's own format.
    Bcrypt {
        /// Rounds; ssh-keygen's default is 16 (24 from 9.4 on).
        rounds: u32,
        /// Length of the salt in bytes.
        salt: usize,
    },
    /// `Proc-Type: 4,ENCRYPTED`: OpenSSL's EVP_BytesToKey with one round of MD5.
    PemMd5,
    /// PKCS#5 v2 (RFC 8018 §5.2).
    Pbkdf2 {
        /// The pseudorandom function: `hmac-sha256`.
        prf: &'static str,
        /// Iterations.
        iterations: u32,
    },
    /// RFC 7914.
    Scrypt {
        /// CPU and memory cost N.
        n: u64,
        /// Block size r.
        r: u32,
        /// Parallelism p.
        p: u32,
    },
    /// PKCS#5 v1.5 or PKCS#12, dead.
    Pbes1 {
        /// Iterations.
        iterations: u32,
    },
    /// ssh.com: MD5 of the passphrase.
    SshComMd5,
}

/// The variants of Argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argon2Flavour {
    /// Argon2d
    D,
    /// Argon2i
    I,
    /// Argon2id
    Id,
}

/// Something odd about a file that can be read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What was found.
    pub kind: FileErrorKind,
}

/// A private key file taken apart, without its passphrase. What is secret in it is wiped on drop.
pub struct KeyFile {
    /// The shape of the file.
    pub format: Format,
    /// How its text is encoded.
    pub encoding: Encoding,
    /// The line at which the key begins, from 1.
    pub line: usize,
    /// The public half, where it can be told without the passphrase; a certificate where the file
    /// carries one.
    pub public: Option<PublicKey>,
    /// The comment, where it can be told without the passphrase.
    pub comment: Option<Vec<u8>>,
    /// How the private half is protected.
    pub protection: Protection,
    /// What is odd about it.
    pub problems: Vec<Problem>,
    pub(crate) body: Body,
}

/// What each format keeps for unlocking.
pub(crate) enum Body {}

impl KeyFile {
    /// Decrypts the private half and checks it against everything the file has to check it by.
    ///
    /// # Errors
    /// Says whether the passphrase or the file is at fault, wherever that can be told.
    pub fn unlock(&self, _passphrase: Option<&[u8]>) -> Result<PrivateKey, UnlockError> {
        match self.body {}
    }
}

/// Takes the first private key of `data` apart, whatever its format.
///
/// # Errors
/// Names the place and the part that is damaged, or what the file is instead of a private key.
pub fn read(data: &[u8]) -> Result<KeyFile, FileError> {
    let sniffed = sniff(data);
    let fail = |line, offset, format, kind| FileError {
        line,
        offset,
        format,
        kind,
    };
    if data.is_empty() {
        return Err(fail(1, 0, None, FileErrorKind::Empty));
    }
    let Some(block) = sniffed.blocks.iter().find(|b| b.format.is_private()) else {
        let first = sniffed.blocks.first();
        return Err(fail(
            first.map_or(1, |b| b.line),
            0,
            None,
            FileErrorKind::NotPrivate(first.map(|b| b.format.clone())),
        ));
    };
    Err(fail(
        block.line,
        block.span.start,
        Some(block.format.clone()),
        FileErrorKind::Unsupported(b"this format".to_vec()),
    ))
}
