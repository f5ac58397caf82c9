//! PKCS#8 (RFC 5958), plain and encrypted.

use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::file::{Found, KeyFile};
use crate::secret::PrivateKey;

/// What is kept for unlocking.
pub(crate) struct Body;

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    Err(found.fail(0, FileErrorKind::Unsupported(b"this format".to_vec())))
}

/// Decrypts and checks.
pub(crate) fn unlock(
    _file: &KeyFile,
    _body: &Body,
    _passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    Err(UnlockError::Unsupported("this format"))
}

/// Writes the file.
pub(crate) fn write(
    _key: &PrivateKey,
    _iterations: u32,
    _passphrase: Option<&[u8]>,
    _rng: &mut dyn rand_core::CryptoRng,
) -> Result<zeroize::Zeroizing<alloc::vec::Vec<u8>>, crate::write::WriteError> {
    Err(crate::write::WriteError::Unsupported("this format"))
}
