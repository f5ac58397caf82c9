//! Signatures of user keys, in every algorithm a key can speak, good or bad for it.

use std::fmt;

use ed25519_dalek::Signer as _;
use sha2::{Digest, Sha256, Sha384, Sha512};
use ssh_key::private::{EcdsaKeypair, KeypairData};
use zeroize::Zeroizing;

use crate::data::{put_string, put_u8, put_u32};

/// Makes signature blobs (RFC 4253 §6.6) with one private key.
pub trait Signer: Send + Sync {
    /// The public key blob of the key.
    fn public_blob(&self) -> Vec<u8>;

    /// The signature blob over `message` by the *signature algorithm* named.
    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// Why no signature was made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The key does not sign by this algorithm.
    Algorithm(Vec<u8>),
    /// The file is no OpenSSH private key, or of a kind not known.
    Format(String),
    /// The file is encrypted, and the passphrase is missing or wrong.
    Passphrase,
    /// The signing itself failed, or an agent refused.
    Failed(String),
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm(name) => write!(f, "the key does not sign by {}", name.escape_ascii()),
            Self::Format(why) => write!(f, "not a private key this can read: {why}"),
            Self::Passphrase => write!(f, "encrypted, and the passphrase is missing or wrong"),
            Self::Failed(why) => write!(f, "no signature made: {why}"),
        }
    }
}

impl std::error::Error for SignError {}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    P256(Box<p256::ecdsa::SigningKey>),
    P384(Box<p384::ecdsa::SigningKey>),
    P521(Box<p521::ecdsa::SigningKey>),
    Rsa(Box<rsa::RsaPrivateKey>),
}

/// A key of an OpenSSH private key file. It has no `Debug`; the secret is wiped on drop.
pub struct KeySigner {
    public: Vec<u8>,
    secret: Secret,
}

impl KeySigner {
    /// Reads the text of a private key file in OpenSSH's format.
    pub fn from_openssh(text: &[u8], passphrase: Option<&[u8]>) -> Result<Self, SignError> {
        let format = |e: ssh_key::Error| SignError::Format(e.to_string());
        let mut key = ssh_key::PrivateKey::from_openssh(text).map_err(format)?;
        if key.is_encrypted() {
            let passphrase = passphrase.ok_or(SignError::Passphrase)?;
            key = key.decrypt(passphrase).map_err(|_| SignError::Passphrase)?;
        }
        Self::from_key(&key)
    }

    /// Takes a key already read.
    pub fn from_key(key: &ssh_key::PrivateKey) -> Result<Self, SignError> {
        let public = key
            .public_key()
            .to_bytes()
            .map_err(|e| SignError::Format(e.to_string()))?;
        let format = |e: &dyn fmt::Display| SignError::Format(e.to_string());
        let secret = match key.key_data() {
            KeypairData::Ed25519(pair) => {
                let pair = pair.try_into().map_err(|e: ssh_key::Error| format(&e))?;
                Secret::Ed25519(Box::new(pair))
            }
            KeypairData::Ecdsa(pair) => {
                let bytes = pair.private_key_bytes();
                match pair {
                    EcdsaKeypair::NistP256 { .. } => p256::ecdsa::SigningKey::from_slice(bytes)
                        .map(|k| Secret::P256(Box::new(k))),
                    EcdsaKeypair::NistP384 { .. } => p384::ecdsa::SigningKey::from_slice(bytes)
                        .map(|k| Secret::P384(Box::new(k))),
                    EcdsaKeypair::NistP521 { .. } => p521::ecdsa::SigningKey::from_slice(bytes)
                        .map(|k| Secret::P521(Box::new(k))),
                }
                .map_err(|e| format(&e))?
            }
            KeypairData::Rsa(pair) => {
                let pair = pair.try_into().map_err(|e: ssh_key::Error| format(&e))?;
                Secret::Rsa(Box::new(pair))
            }
            _ => return Err(SignError::Format(key.algorithm().to_string())),
        };
        Ok(Self { public, secret })
    }
}

/// DER prefixes of DigestInfo (RFC 8017 §9.2, note 1).
fn digest_info(algorithm: &[u8], message: &[u8]) -> Option<(&'static [u8], Vec<u8>)> {
    Some(match algorithm {
        b"rsa-sha2-256" => (
            b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
            Sha256::digest(message).to_vec(),
        ),
        b"rsa-sha2-512" => (
            b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
            Sha512::digest(message).to_vec(),
        ),
        b"ssh-rsa" => (
            b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14",
            sha1::Sha1::digest(message).to_vec(),
        ),
        _ => return None,
    })
}

fn two_mpints(r: &[u8], s: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    crate::data::put_mpint(&mut out, r);
    crate::data::put_mpint(&mut out, s);
    out
}

fn halves(bytes: &[u8]) -> Vec<u8> {
    let (r, s) = bytes.split_at_checked(bytes.len() / 2).unwrap_or_default();
    two_mpints(r, s)
}

impl Signer for KeySigner {
    fn public_blob(&self) -> Vec<u8> {
        self.public.clone()
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
        use signature::hazmat::PrehashSigner as _;
        let failed = |e: &dyn fmt::Display| SignError::Failed(e.to_string());
        let inner = match (&self.secret, algorithm) {
            (Secret::Ed25519(key), b"ssh-ed25519") => key.sign(message).to_bytes().to_vec(),
            (Secret::P256(key), b"ecdsa-sha2-nistp256") => {
                let sig: p256::ecdsa::Signature = key
                    .sign_prehash(&Sha256::digest(message))
                    .map_err(|e| failed(&e))?;
                halves(&sig.to_bytes())
            }
            (Secret::P384(key), b"ecdsa-sha2-nistp384") => {
                let sig: p384::ecdsa::Signature = key
                    .sign_prehash(&Sha384::digest(message))
                    .map_err(|e| failed(&e))?;
                halves(&sig.to_bytes())
            }
            (Secret::P521(key), b"ecdsa-sha2-nistp521") => {
                let sig: p521::ecdsa::Signature = key
                    .sign_prehash(&Sha512::digest(message))
                    .map_err(|e| failed(&e))?;
                halves(&sig.to_bytes())
            }
            (Secret::Rsa(key), _) => {
                let (prefix, digest) = digest_info(algorithm, message)
                    .ok_or_else(|| SignError::Algorithm(algorithm.to_vec()))?;
                let padding = rsa::Pkcs1v15Sign {
                    hash_len: Some(digest.len()),
                    prefix: prefix.into(),
                };
                // With random blinding: RUSTSEC-2023-0071.
                let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
                key.sign_with_rng(&mut rng, padding, &digest)
                    .map_err(|e| failed(&e))?
            }
            _ => return Err(SignError::Algorithm(algorithm.to_vec())),
        };
        let mut out = Vec::new();
        put_string(&mut out, algorithm);
        put_string(&mut out, &inner);
        Ok(out)
    }
}

/// An `sk-ssh-ed25519@openssh.com` key without a token: an Ed25519 key that signs
/// what a token would (OpenSSH `PROTOCOL.u2f`), with flags and counter as chosen.
pub struct SkSigner {
    secret: ed25519_dalek::SigningKey,
    application: Vec<u8>,
    flags: u8,
    counter: u32,
}

/// Flag of [`SkSigner`]: the user touched the token.
pub const SK_USER_PRESENT: u8 = 1;
/// Flag of [`SkSigner`]: the token verified the user.
pub const SK_USER_VERIFIED: u8 = 4;

impl SkSigner {
    /// A key from its 32-byte secret; `application` is `ssh:` as a rule.
    #[must_use]
    pub fn new(secret: &Zeroizing<[u8; 32]>, application: &[u8], flags: u8, counter: u32) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(secret);
        Self {
            secret,
            application: application.to_vec(),
            flags,
            counter,
        }
    }
}

impl Signer for SkSigner {
    fn public_blob(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, b"sk-ssh-ed25519@openssh.com");
        put_string(&mut out, self.secret.verifying_key().as_bytes());
        put_string(&mut out, &self.application);
        out
    }

    fn sign(&self, algorithm: &[u8], message: &[u8]) -> Result<Vec<u8>, SignError> {
        if algorithm != b"sk-ssh-ed25519@openssh.com" {
            return Err(SignError::Algorithm(algorithm.to_vec()));
        }
        let mut data = Sha256::digest(&self.application).to_vec();
        put_u8(&mut data, self.flags);
        put_u32(&mut data, self.counter);
        data.extend_from_slice(&Sha256::digest(message));
        let mut out = Vec::new();
        put_string(&mut out, algorithm);
        put_string(&mut out, &self.secret.sign(&data).to_bytes());
        put_u8(&mut out, self.flags);
        put_u32(&mut out, self.counter);
        Ok(out)
    }
}
