//! Fingerprints as OpenSSH prints them.

use crate::base64;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// `SHA256:…` without padding, over these bytes as they are.
#[must_use]
pub fn sha256(blob: &[u8]) -> String {
    let mut out = String::from("SHA256:");
    out.push_str(&base64::encode_unpadded(&sha256_raw(blob)));
    out
}

/// The same, behind what `out` holds: for lists of many.
pub fn sha256_into(blob: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"SHA256:");
    base64::encode_unpadded_into(&sha256_raw(blob), out);
}

/// `MD5:aa:bb:…`, over these bytes as they are.
#[must_use]
pub fn md5(blob: &[u8]) -> String {
    let mut out = String::from("MD5");
    for byte in Md5::digest(blob) {
        // Writing to a String cannot fail.
        let _ = write!(out, ":{byte:02x}");
    }
    out
}

/// The raw SHA-256 digest, as KRLs hold it.
#[must_use]
pub fn sha256_raw(blob: &[u8]) -> [u8; 32] {
    Sha256::digest(blob).into()
}

/// The raw SHA-1 digest, as KRLs hold it.
#[must_use]
pub fn sha1_raw(blob: &[u8]) -> [u8; 20] {
    Sha1::digest(blob).into()
}
