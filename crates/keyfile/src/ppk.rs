//! PuTTY's own format, versions 1 to 3 (putty.but, appendix on the PPK format; `sshpubk.c` for
//! version 1, which no release wrote).
//!
//! Own code: no crate writes it, and the one that reads it takes an Ed25519 seed for a number and so
//! fails where one begins with a zero byte, and has no Ed448.

mod cost;
mod crypt;
mod read;
mod unlock;
mod write;

use crate::file::Argon2Flavour;
use alloc::vec::Vec;
use zeroize::Zeroizing;

pub use cost::tune_passes;
pub use crypt::MAX_ARGON2_WORK;
pub(crate) use read::read;
pub(crate) use unlock::unlock;
pub(crate) use write::write;

/// The key derivation of version 3.
#[derive(Clone)]
pub(crate) struct Argon2Cost {
    pub(crate) flavour: Argon2Flavour,
    pub(crate) memory: u32,
    pub(crate) passes: u32,
    pub(crate) parallelism: u32,
    pub(crate) salt: Vec<u8>,
}

/// What is kept for unlocking.
pub(crate) struct Body {
    version: u32,
    /// The key type as the first line names it.
    label: Vec<u8>,
    cost: Option<Argon2Cost>,
    /// The decoded private lines: plain, or encrypted.
    private: Zeroizing<Vec<u8>>,
    /// Index of the first private line, and its place.
    private_at: (usize, usize),
    mac: Vec<u8>,
    /// `Private-Hash` instead of `Private-MAC` (version 1).
    is_hash: bool,
}

/// The value of an `Encryption` header that is read and written here.
const CIPHER: &[u8] = b"aes256-cbc";
