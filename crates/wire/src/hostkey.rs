//! The server's host key and its signature over the exchange hash (RFC 4253 §8).

use sha2::{Digest, Sha256};
use signature::Verifier;

use crate::data::Reader;

/// A host key as the server showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostKey {
    /// Key format: the first string of the blob.
    pub key_format: Vec<u8>,
    /// The public key blob, K_S.
    pub blob: Vec<u8>,
    /// The signature algorithm the server used.
    pub signature_algorithm: Vec<u8>,
    /// The signature holds and is of the algorithm agreed on.
    pub verified: bool,
}

impl HostKey {
    /// SHA-256 of the blob, as `ssh-keygen -l` prints it: `SHA256:` and base64 without padding.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.blob)
    }
}

/// `SHA256:…` of any public key blob.
#[must_use]
pub fn fingerprint(blob: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(blob);
    let mut out = String::from("SHA256:");
    for chunk in digest.chunks(3) {
        let mut word = 0u32;
        for i in 0..3 {
            word = word << 8 | u32::from(chunk.get(i).copied().unwrap_or(0));
        }
        for i in 0..=chunk.len() {
            let six = (word >> (18 - 6 * i)) & 63;
            out.push(char::from(
                ALPHABET.get(six as usize).copied().unwrap_or(b'='),
            ));
        }
    }
    out
}

/// Reads K_S and its signature, and verifies it over `message` (H).
pub(crate) fn check(blob: &[u8], sig: &[u8], agreed: &[u8], message: &[u8]) -> HostKey {
    let first = |bytes| Reader::new(bytes).string().unwrap_or_default().to_vec();
    let signature_algorithm = first(sig);
    let verified = signature_algorithm == agreed
        && ssh_key::PublicKey::from_bytes(blob).is_ok_and(|key| {
            ssh_key::Signature::try_from(sig)
                .is_ok_and(|sig| key.key_data().verify(message, &sig).is_ok())
        });
    HostKey {
        key_format: first(blob),
        blob: blob.to_vec(),
        signature_algorithm,
        verified,
    }
}
