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
        out.extend(one_line(comment));
    }
    out.push(b'\n');
    out
}

/// `---- BEGIN SSH2 PUBLIC KEY ----` (RFC 4716) as PuTTYgen's "Save public key" writes it, byte for
/// byte: the comment in quotes with `"` and `\` escaped, 64 characters of base64 a line.
///
/// A comment of more than 61 bytes makes a header line longer than the 72 bytes of RFC 4716 §3,
/// as PuTTYgen's. Folded with `\` as that section has it, PuTTYgen itself (0.78 to 0.83) would not
/// read the file; ssh-keygen reads both.
#[must_use]
pub fn rfc4716(key: &PublicKey, comment: &[u8]) -> Vec<u8> {
    let mut out = b"---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"".to_vec();
    for byte in one_line(comment) {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.extend_from_slice(b"\"\n");
    for part in base64::encode(key.blob()).as_bytes().chunks(64) {
        out.extend_from_slice(part);
        out.push(b'\n');
    }
    out.extend_from_slice(b"---- END SSH2 PUBLIC KEY ----\n");
    out
}

/// A line break would begin something else.
fn one_line(comment: &[u8]) -> impl Iterator<Item = u8> {
    comment
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'\r' | b'\n'))
}
