//! Public keys as text.

use alloc::vec::Vec;
use sshwhy_keys::{PublicKey, base64};

/// `keytype base64 comment`, with its newline.
#[must_use]
pub fn line(key: &PublicKey, comment: &[u8]) -> Vec<u8> {
    let mut out = key.key_type().name().to_vec();
    out.push(b' ');
    out.extend_from_slice(base64::encode(key.blob()).as_bytes());
    if !comment.is_empty() {
        out.push(b' ');
        out.extend(comment.iter().filter(|b| !matches!(b, b'\r' | b'\n')));
    }
    out.push(b'\n');
    out
}

/// `---- BEGIN SSH2 PUBLIC KEY ----` (RFC 4716).
#[must_use]
pub fn rfc4716(key: &PublicKey, _comment: &[u8]) -> Vec<u8> {
    let mut out = b"---- BEGIN SSH2 PUBLIC KEY ----\n".to_vec();
    for part in base64::encode(key.blob()).as_bytes().chunks(64) {
        out.extend_from_slice(part);
        out.push(b'\n');
    }
    out.extend_from_slice(b"---- END SSH2 PUBLIC KEY ----\n");
    out
}
