//! One login attempt.

use alloc::vec::Vec;
use core::net::IpAddr;
use sshwhy_keys::{BlobError, BlobErrorKind, KeyType, PublicKey, SigAlg, SigError};

/// Who tries to log in, with what, from where.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The user name as the client sends it.
    pub user: Vec<u8>,
    /// The key it offers. `None`: nothing is known to offer.
    pub key: Option<OfferedKey>,
    /// Where it comes from.
    pub from: Peer,
    /// Where it goes to.
    pub to: Local,
}

/// A public key blob as a client offers it.
#[derive(Clone, Debug)]
pub struct OfferedKey {
    /// The blob: a plain key or a certificate.
    pub blob: Vec<u8>,
    /// The blob as sshd's `sshkey_from_blob` reads it, or why it cannot.
    pub key: Result<PublicKey, BlobError>,
    /// For certificates: the algorithm of a CA signature that this program cannot check. sshd may
    /// be able to, so `key` holds the certificate, and whether it is genuine is not known.
    pub ca_unchecked: Option<SigAlg>,
    /// The comment of the file it came from: used only to find what became of the key.
    pub comment: Vec<u8>,
    /// The public key algorithms the client can sign with, best first. Empty: every current
    /// client's (for RSA rsa-sha2-512 and rsa-sha2-256, otherwise the one of the type).
    pub algorithms: Vec<SigAlg>,
    /// The signature will be a good one of the algorithm announced.
    pub signature_good: bool,
    /// For sk-* keys: whether signatures will carry the user-presence flag.
    pub touch: bool,
    /// For sk-* keys: whether signatures will carry the user-verification flag. `None`: not known.
    pub verified: Option<bool>,
}

impl OfferedKey {
    /// A key as a current client offers it, with a touch where one is asked for.
    #[must_use]
    pub fn new(blob: Vec<u8>, comment: Vec<u8>) -> Self {
        let (key, ca_unchecked) = match PublicKey::from_blob_verified(&blob) {
            Err(BlobError {
                kind: BlobErrorKind::CaSignature(SigError::Unsupported(algorithm)),
                ..
            }) => (PublicKey::from_blob(&blob), Some(algorithm)),
            key => (key, None),
        };
        OfferedKey {
            key,
            ca_unchecked,
            blob,
            comment,
            algorithms: Vec::new(),
            signature_good: true,
            touch: true,
            verified: None,
        }
    }

    /// The key type that the blob names.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match &self.key {
            Ok(key) => key.key_type().clone(),
            Err(_) => KeyType::from_name(self.type_name()),
        }
    }

    /// The key type name as it stands in the blob; empty where it holds none.
    #[must_use]
    pub fn type_name(&self) -> &[u8] {
        let Some((len, rest)) = self.blob.split_first_chunk::<4>() else {
            return b"";
        };
        let len = usize::try_from(u32::from_be_bytes(*len)).unwrap_or(usize::MAX);
        rest.get(..len).unwrap_or(b"")
    }

    /// The algorithms the client will try, best first.
    #[must_use]
    pub fn offered_algorithms(&self) -> Vec<SigAlg> {
        if !self.algorithms.is_empty() {
            return self.algorithms.clone();
        }
        let mut algs = SigAlg::for_key(&self.key_type());
        algs.retain(|a| {
            !matches!(
                a,
                SigAlg::RsaSha1
                    | SigAlg::RsaSha1Cert
                    | SigAlg::WebauthnSkEcdsaP256
                    | SigAlg::WebauthnSkEcdsaP256Cert
            )
        });
        algs
    }
}

/// The client's end of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub addr: IpAddr,
    /// Its name, if the asker gave one; used where sshd would look it up (UseDNS yes).
    pub host: Option<Vec<u8>>,
}

/// The server's end of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The address that was connected to.
    pub addr: IpAddr,
    /// TCP port.
    pub port: u16,
}
