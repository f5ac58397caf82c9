//! Encryption with a passphrase as PKCS#8 files have it: PBES2 with PBKDF2 or scrypt, PBES1 (RFC
//! 8018) and the oldest schemes of PKCS#12 (RFC 7292 appendix C).
//!
//! The parameters are read here and not by a crate, so that a file can be told about without its
//! passphrase and a fault has its place; the functions themselves are RustCrypto's.

use crate::armour::{Fault, expected};
use crate::der::{Der, NULL, OCTET_STRING, OID};
use crate::error::{FileErrorKind, UnlockError};
use crate::file::Kdf;
use crate::pem::PemCipher;
use alloc::vec::Vec;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

/// Above this, one try takes longer than an hour: the number is damaged.
const MAX_ITERATIONS: u32 = 1 << 30;
/// Most memory that scrypt is given, in bytes.
const MAX_MEMORY: u64 = 1 << 30;

pub(crate) const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
pub(crate) const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// rsadsi digestAlgorithm; the last arc tells the hash.
const HMAC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02];
pub(crate) const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
/// The AES arc of NIST; the last arc tells mode and key length.
const AES: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01];
pub(crate) const AES128_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const TDES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];
const DES: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x07];
/// pkcs-5; the last arc tells the scheme of PBES1.
const PKCS5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05];
/// pkcs-12PbeIds
const PKCS12: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01];

/// How a text is encrypted.
pub(crate) struct Scheme {
    /// In OpenSSL's words.
    pub(crate) name: &'static str,
    pub(crate) cipher: PemCipher,
    derivation: Derivation,
    salt: Vec<u8>,
    /// Empty where it is derived too.
    iv: Vec<u8>,
}

enum Derivation {
    Pbkdf2 { prf: Prf, iterations: u32 },
    Scrypt { n: u64, r: u32, p: u32 },
    Pbes1 { md5: bool, iterations: u32 },
    Pkcs12 { iterations: u32 },
}

#[derive(Clone, Copy)]
enum Prf {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

fn unsupported(at: usize, what: &'static str) -> Fault {
    (at, FileErrorKind::Unsupported(what.as_bytes().to_vec()))
}

impl Scheme {
    /// Reads the AlgorithmIdentifier.
    pub(crate) fn read(seq: &mut Der<'_>) -> Result<Scheme, Fault> {
        let mut id = seq.sequence("the encryption algorithm")?;
        let at = id.at;
        let oid = id.next(OID, "the encryption algorithm")?.rest;
        if oid == PBES2 {
            return pbes2(&mut id);
        }
        if let Some(&[scheme]) = oid.strip_prefix(PKCS5).and_then(<[u8]>::as_array) {
            let md5 = match scheme {
                3 => true,
                10 => false,
                _ => return Err(unsupported(at, "PBES1 with RC2 or MD2")),
            };
            let (salt, iterations) = pbe_params(&mut id)?;
            return Ok(Scheme {
                name: "DES-CBC",
                cipher: PemCipher::new(Cipher::TdesCbc, 8),
                derivation: Derivation::Pbes1 { md5, iterations },
                salt,
                iv: Vec::new(),
            });
        }
        if let Some(&[scheme]) = oid.strip_prefix(PKCS12).and_then(<[u8]>::as_array) {
            let (name, key) = match scheme {
                3 => ("DES-EDE3-CBC", 24),
                4 => ("DES-EDE-CBC", 16),
                _ => return Err(unsupported(at, "PKCS#12 encryption with RC2 or RC4")),
            };
            let (salt, iterations) = pbe_params(&mut id)?;
            return Ok(Scheme {
                name,
                cipher: PemCipher::new(Cipher::TdesCbc, key),
                derivation: Derivation::Pkcs12 { iterations },
                salt,
                iv: Vec::new(),
            });
        }
        Err(unsupported(at, "an encryption algorithm not known here"))
    }

    /// In the words of [`crate::Protection`].
    pub(crate) fn kdf(&self) -> Kdf {
        match self.derivation {
            Derivation::Pbkdf2 { prf, iterations } => Kdf::Pbkdf2 {
                prf: match prf {
                    Prf::Sha1 => "hmac-sha1",
                    Prf::Sha224 => "hmac-sha224",
                    Prf::Sha256 => "hmac-sha256",
                    Prf::Sha384 => "hmac-sha384",
                    Prf::Sha512 => "hmac-sha512",
                },
                iterations,
            },
            Derivation::Scrypt { n, r, p } => Kdf::Scrypt { n, r, p },
            Derivation::Pbes1 { iterations, .. } | Derivation::Pkcs12 { iterations } => {
                Kdf::Pbes1 { iterations }
            }
        }
    }

    /// Decrypts; the padding stays.
    pub(crate) fn decrypt(
        &self,
        passphrase: &[u8],
        text: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
        let key_len = self.cipher.key_len();
        let iv_len = if self.iv.is_empty() { 8 } else { 0 };
        let mut derived = Zeroizing::new(Vec::new());
        derived.resize(key_len.saturating_add(iv_len), 0);
        self.derive(passphrase, key_len, &mut derived)?;
        let (key, iv) = derived.split_at_checked(key_len).unwrap_or_default();
        let iv = if self.iv.is_empty() { iv } else { &self.iv };
        let mut plain = Zeroizing::new(text.to_vec());
        let done = if key_len == 16 && self.cipher.block() == 8 {
            // Triple-DES of two keys uses the first one twice.
            let key = Zeroizing::new([key, key.get(..8).unwrap_or_default()].concat());
            PemCipher::new(Cipher::TdesCbc, 24).decrypt(&key, iv, &mut plain)
        } else {
            self.cipher.decrypt(key, iv, &mut plain)
        };
        if done {
            Ok(plain)
        } else {
            Err(UnlockError::Unsupported("a text of broken blocks"))
        }
    }

    fn derive(&self, passphrase: &[u8], key_len: usize, out: &mut [u8]) -> Result<(), UnlockError> {
        let salt = self.salt.as_slice();
        let bounded = |n: u32| {
            if n <= MAX_ITERATIONS {
                Ok(n)
            } else {
                Err(UnlockError::Unsupported("more than 2^30 iterations"))
            }
        };
        match self.derivation {
            Derivation::Pbkdf2 { prf, iterations } => {
                let n = bounded(iterations)?;
                match prf {
                    Prf::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(passphrase, salt, n, out),
                    Prf::Sha224 => pbkdf2::pbkdf2_hmac::<Sha224>(passphrase, salt, n, out),
                    Prf::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, salt, n, out),
                    Prf::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>(passphrase, salt, n, out),
                    Prf::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(passphrase, salt, n, out),
                }
            }
            Derivation::Scrypt { n, r, p } => {
                let memory = u128::from(n)
                    .saturating_mul(u128::from(r))
                    .saturating_mul(128);
                if memory > u128::from(MAX_MEMORY) || u64::from(p) > 1024 {
                    return Err(UnlockError::Unsupported(
                        "scrypt with more than 1 GiB of memory",
                    ));
                }
                let log_n = u8::try_from(n.trailing_zeros()).unwrap_or(u8::MAX);
                let params = scrypt::Params::new(log_n, r, p)
                    .map_err(|_| UnlockError::Unsupported("a cost that scrypt has not"))?;
                scrypt::scrypt(passphrase, salt, &params, out)
                    .map_err(|_| UnlockError::Unsupported("a cost that scrypt has not"))?;
            }
            Derivation::Pbes1 { md5, iterations } => {
                let n = bounded(iterations)?;
                let full = if md5 {
                    pbkdf1::<Md5>(passphrase, salt, n)
                } else {
                    pbkdf1::<Sha1>(passphrase, salt, n)
                };
                out.iter_mut().zip(full.iter()).for_each(|(o, b)| *o = *b);
            }
            Derivation::Pkcs12 { iterations } => {
                let n = bounded(iterations)?;
                let text = bmp_string(passphrase);
                let (key, iv) = out.split_at_mut_checked(key_len).unwrap_or_default();
                pkcs12(&text, salt, n, 1, key);
                pkcs12(&text, salt, n, 2, iv);
            }
        }
        Ok(())
    }
}

fn iterations(params: &mut Der<'_>) -> Result<u32, Fault> {
    let at = params.at;
    let n = params.small("the iterations")?;
    u32::try_from(n)
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| expected(at, "iterations from 1 to 2^32"))
}

fn pbe_params(id: &mut Der<'_>) -> Result<(Vec<u8>, u32), Fault> {
    let mut params = id.sequence("the parameters of the encryption")?;
    let salt = params.next(OCTET_STRING, "the salt")?.rest.to_vec();
    Ok((salt, iterations(&mut params)?))
}

fn pbes2(id: &mut Der<'_>) -> Result<Scheme, Fault> {
    let mut params = id.sequence("the parameters of PBES2")?;
    let mut kdf = params.sequence("the key derivation")?;
    let at = kdf.at;
    let oid = kdf.next(OID, "the key derivation")?.rest;
    let mut inner = kdf.sequence("the parameters of the key derivation")?;
    let salt_at = inner.at;
    if oid == PBKDF2 && inner.peek() != Some(OCTET_STRING) {
        return Err(expected(salt_at, "a salt"));
    }
    let salt = inner.next(OCTET_STRING, "the salt")?.rest.to_vec();
    let key_at;
    let key_len;
    let derivation = if oid == PBKDF2 {
        let iterations = iterations(&mut inner)?;
        key_at = inner.at;
        key_len = optional_number(&mut inner, "the key length")?;
        let mut prf = Prf::Sha1;
        if !inner.rest.is_empty() {
            let mut id = inner.sequence("the pseudorandom function")?;
            let at = id.at;
            prf = match id
                .next(OID, "the pseudorandom function")?
                .rest
                .strip_prefix(HMAC)
            {
                Some([7]) => Prf::Sha1,
                Some([8]) => Prf::Sha224,
                Some([9]) => Prf::Sha256,
                Some([10]) => Prf::Sha384,
                Some([11]) => Prf::Sha512,
                _ => return Err(unsupported(at, "a pseudorandom function not known here")),
            };
            id.optional(NULL, "the parameters of the pseudorandom function")?;
        }
        Derivation::Pbkdf2 { prf, iterations }
    } else if oid == SCRYPT {
        let n_at = inner.at;
        let n = inner.small("the cost of scrypt")?;
        if n < 2 || !n.is_power_of_two() {
            return Err(expected(n_at, "a cost of scrypt that is a power of two"));
        }
        let mut number = |what| {
            let at = inner.at;
            let n = inner.small(what)?;
            u32::try_from(n)
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| expected(at, what))
        };
        let r = number("the block size of scrypt")?;
        let p = number("the parallelism of scrypt")?;
        key_at = inner.at;
        key_len = optional_number(&mut inner, "the key length")?;
        Derivation::Scrypt { n, r, p }
    } else {
        return Err(unsupported(at, "a key derivation not known here"));
    };
    inner.end("the end of the parameters of the key derivation")?;
    let mut encryption = params.sequence("the cipher")?;
    let at = encryption.at;
    let oid = encryption.next(OID, "the cipher")?.rest;
    let (name, cipher, len) = match (oid, oid.strip_prefix(AES)) {
        (_, Some([0x02])) => ("AES-128-CBC", Cipher::Aes128Cbc, 16),
        (_, Some([0x16])) => ("AES-192-CBC", Cipher::Aes192Cbc, 24),
        (_, Some([0x2a])) => ("AES-256-CBC", Cipher::Aes256Cbc, 32),
        (TDES, _) => ("DES-EDE3-CBC", Cipher::TdesCbc, 24),
        (DES, _) => ("DES-CBC", Cipher::TdesCbc, 8),
        _ => return Err(unsupported(at, "a cipher not known here")),
    };
    let cipher = PemCipher::new(cipher, len);
    let iv = encryption.next(OCTET_STRING, "the IV")?;
    if iv.rest.len() != cipher.block() {
        return Err(expected(iv.at, "an IV of one block of the cipher"));
    }
    if key_len.is_some_and(|n| n != len) {
        return Err(expected(key_at, "the key length of the cipher"));
    }
    Ok(Scheme {
        name,
        cipher,
        derivation,
        salt,
        iv: iv.rest.to_vec(),
    })
}

fn optional_number(params: &mut Der<'_>, what: &'static str) -> Result<Option<usize>, Fault> {
    if params.peek() != Some(crate::der::INTEGER) {
        return Ok(None);
    }
    let n = params.small(what)?;
    Ok(Some(usize::try_from(n).unwrap_or(usize::MAX)))
}

/// RFC 8018 §5.1.
fn pbkdf1<D: Digest>(passphrase: &[u8], salt: &[u8], iterations: u32) -> Zeroizing<Vec<u8>> {
    let first = D::new().chain_update(passphrase).chain_update(salt);
    let mut t = Zeroizing::new(first.finalize().to_vec());
    for _ in 1..iterations {
        t = Zeroizing::new(D::digest(t.as_slice()).to_vec());
    }
    t
}

/// The passphrase as PKCS#12 wants it: UTF-16, big endian, with a NUL. What is not UTF-8 is taken
/// for Latin-1, as OpenSSL does (`OPENSSL_utf82uni`).
fn bmp_string(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    let room = passphrase.len().saturating_mul(2).saturating_add(2);
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    match core::str::from_utf8(passphrase) {
        Ok(text) => text
            .encode_utf16()
            .for_each(|unit| out.extend_from_slice(&unit.to_be_bytes())),
        Err(_) => passphrase
            .iter()
            .for_each(|&b| out.extend_from_slice(&[0, b])),
    }
    out.extend_from_slice(&[0, 0]);
    out
}

/// RFC 7292 appendix B.2 with SHA-1.
fn pkcs12(passphrase: &[u8], salt: &[u8], iterations: u32, id: u8, out: &mut [u8]) {
    const BLOCK: usize = 64;
    let fill = |text: &[u8]| {
        let len = text.len().next_multiple_of(BLOCK);
        Zeroizing::new(text.iter().copied().cycle().take(len).collect::<Vec<u8>>())
    };
    let mut state = Zeroizing::new([fill(salt).as_slice(), fill(passphrase).as_slice()].concat());
    for part in out.chunks_mut(20) {
        let first = Sha1::new()
            .chain_update([id; BLOCK])
            .chain_update(state.as_slice());
        let mut a: Zeroizing<[u8; 20]> = Zeroizing::new(first.finalize().into());
        for _ in 1..iterations {
            *a = Sha1::digest(a.as_slice()).into();
        }
        part.iter_mut().zip(a.iter()).for_each(|(o, b)| *o = *b);
        for block in state.chunks_mut(BLOCK) {
            // block = block + (a repeated) + 1, as one number of 512 bits.
            let mut carry = 1u16;
            for (n, byte) in block.iter_mut().enumerate().rev() {
                let addend = a.get(n % 20).copied().unwrap_or(0);
                let sum = u16::from(*byte)
                    .wrapping_add(u16::from(addend))
                    .wrapping_add(carry);
                let [high, low] = sum.to_be_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
    }
}
