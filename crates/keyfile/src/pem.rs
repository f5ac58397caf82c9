//! Traditional PEM: `RSA PRIVATE KEY` (PKCS#1), `EC PRIVATE KEY` (SEC 1), `DSA PRIVATE KEY`, with
//! `Proc-Type: 4,ENCRYPTED` (RFC 1421 §4.6.1, OpenSSL's PEM_do_header).

use crate::armour::{Armour, Content, Fault, expected, wrap};
use crate::asn1::{self, Asn1Key};
use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::file::{Body as AnyBody, Found, Kdf, KeyFile, Protection};
use crate::secret::{PrivateKey, Secret};
use crate::write::WriteError;
use alloc::vec::Vec;
use core::fmt::Write as _;
use md5::{Digest, Md5};
use rand_core::CryptoRng;
use ssh_cipher::Cipher;
use sshwhy_keys::Format;
use zeroize::Zeroizing;

/// What is kept for unlocking.
pub(crate) struct Body {
    content: Content,
    kind: Kind,
    locked: Option<Locked>,
}

/// Which structure the label names.
#[derive(Clone, Copy)]
enum Kind {
    Rsa,
    Ec,
    Dsa,
}

struct Locked {
    /// None for a cipher that is not known here.
    cipher: Option<PemCipher>,
    iv: Vec<u8>,
}

/// A cipher of a DEK-Info header.
#[derive(Clone, Copy)]
pub(crate) struct PemCipher {
    cipher: Cipher,
    /// Bytes of key that the passphrase is stretched to.
    key: usize,
}

impl PemCipher {
    /// OpenSSL's name of it.
    fn from_name(name: &[u8]) -> Option<PemCipher> {
        let (cipher, key) = match name {
            b"AES-128-CBC" => (Cipher::Aes128Cbc, 16),
            b"AES-192-CBC" => (Cipher::Aes192Cbc, 24),
            b"AES-256-CBC" => (Cipher::Aes256Cbc, 32),
            b"DES-EDE3-CBC" => (Cipher::TdesCbc, 24),
            b"DES-CBC" => (Cipher::TdesCbc, 8),
            _ => return None,
        };
        Some(PemCipher { cipher, key })
    }

    /// A cipher by its mode and key length; 8 bytes are single DES.
    pub(crate) fn new(cipher: Cipher, key: usize) -> PemCipher {
        PemCipher { cipher, key }
    }

    pub(crate) fn key_len(self) -> usize {
        self.key
    }

    pub(crate) fn block(self) -> usize {
        self.cipher.block_size()
    }

    /// Decrypts in place; false where the lengths do not fit.
    pub(crate) fn decrypt(self, key: &[u8], iv: &[u8], text: &mut [u8]) -> bool {
        if self.key == 8 && self.cipher == Cipher::TdesCbc {
            // DES is Triple-DES with one key.
            let key = Zeroizing::new([key, key, key].concat());
            return self.cipher.decrypt(&key, iv, text, None).is_ok();
        }
        self.cipher.decrypt(key, iv, text, None).is_ok()
    }
}

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    let Format::Pem { label, .. } = &found.block.format else {
        return Err(found.fail(0, FileErrorKind::Missing("a PEM label")));
    };
    let kind = match label.as_slice() {
        b"RSA PRIVATE KEY" => Kind::Rsa,
        b"EC PRIVATE KEY" => Kind::Ec,
        b"DSA PRIVATE KEY" => Kind::Dsa,
        other => {
            return Err(found.fail(
                0,
                FileErrorKind::Unsupported(sshwhy_keys::veiled_name(other)),
            ));
        }
    };
    let end = [b"-----END ", label.as_slice(), b"-----"].concat();
    let armour = Armour::new(found, &end);
    let (locked, name, body) = headers(found, &armour)?;
    let content = armour.decode(found, body)?;
    let mut public = None;
    let mut protection = Protection::None;
    match &locked {
        None => {
            let bytes = content.bytes.as_slice();
            let key = parse(kind, bytes, 0).map_err(|f| content.error(f))?;
            public = Some(key.public);
        }
        Some(locked) => {
            let block = locked.cipher.map_or(1, PemCipher::block);
            if !content.bytes.len().is_multiple_of(block) {
                let what = "an encrypted text of whole blocks of the cipher";
                return Err(content.error(expected(content.bytes.len(), what)));
            }
            protection = Protection::Passphrase {
                cipher: name,
                kdf: Kdf::PemMd5,
            };
        }
    }
    let body = Body {
        content,
        kind,
        locked,
    };
    let mut file = found.key_file(public, None, protection, AnyBody::Pem(body));
    file.problems = armour.problems;
    Ok(file)
}

type Headers = (Option<Locked>, Vec<u8>, core::ops::Range<usize>);

/// The encryption that the headers tell, the name of its cipher, and the lines of the base64.
fn headers(found: &Found<'_>, armour: &Armour) -> Result<Headers, FileError> {
    let line = |index: usize| {
        armour
            .inner
            .contains(&index)
            .then(|| found.text.get(index))
            .flatten()
            .map(|l| l.text.trim_ascii())
    };
    let mut at = armour.inner.start;
    let (mut proc_type, mut dek) = (false, None);
    while let Some(text) = line(at).filter(|t| t.contains(&b':')) {
        if let Some(value) = text.strip_prefix(b"Proc-Type:") {
            proc_type = true;
            let value = value.trim_ascii();
            if value != b"4,ENCRYPTED" {
                let kind = FileErrorKind::Expected {
                    expected: "Proc-Type: 4,ENCRYPTED",
                    found: sshwhy_keys::veiled_name(value),
                };
                return Err(found.fail(at, kind));
            }
        } else if let Some(value) = text.strip_prefix(b"DEK-Info:") {
            dek = Some((at, value.trim_ascii()));
        }
        at = at.saturating_add(1);
    }
    let headers = at;
    if line(at).is_some_and(<[u8]>::is_empty) {
        at = at.saturating_add(1);
    }
    let body = at..armour.inner.end;
    if !proc_type {
        return Ok((None, Vec::new(), body));
    }
    let Some((dek_line, dek)) = dek else {
        let kind = if line(headers).is_none() {
            FileErrorKind::Truncated("the header DEK-Info")
        } else {
            FileErrorKind::Missing("the header DEK-Info")
        };
        return Err(found.fail(headers, kind));
    };
    if headers == at {
        let kind = if line(headers).is_none() {
            FileErrorKind::Truncated("the headers")
        } else {
            FileErrorKind::Missing("the empty line behind the headers")
        };
        return Err(found.fail(headers, kind));
    }
    let mut parts = dek.splitn(2, |&b| b == b',');
    let name = parts.next().unwrap_or_default().trim_ascii();
    let hex = parts.next().unwrap_or_default().trim_ascii();
    let cipher = PemCipher::from_name(name);
    let iv = unhex(hex).filter(|iv| cipher.is_none_or(|c| iv.len() == c.block()));
    let Some(iv) = iv else {
        let kind = FileErrorKind::Expected {
            expected: "an IV of one block of the cipher in hexadecimal",
            found: sshwhy_keys::veiled_name(hex),
        };
        return Err(found.fail(dek_line, kind));
    };
    Ok((Some(Locked { cipher, iv }), name.to_vec(), body))
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

fn parse(kind: Kind, content: &[u8], at: usize) -> Result<Asn1Key, Fault> {
    match kind {
        Kind::Rsa => asn1::rsa(content, at),
        Kind::Ec => asn1::ec(content, at, None),
        Kind::Dsa => asn1::dsa(content, at),
    }
}

/// EVP_BytesToKey with MD5 and one round; the salt is the first half of an IV of 16 bytes.
fn derive(passphrase: &[u8], iv: &[u8], len: usize) -> Zeroizing<Vec<u8>> {
    let salt = iv.get(..8).unwrap_or(iv);
    let mut out = Zeroizing::new(Vec::with_capacity(len.next_multiple_of(16)));
    let mut last = Zeroizing::new([0u8; 16]);
    while out.len() < len {
        let mut hash = Md5::new();
        if !out.is_empty() {
            hash.update(last.as_slice());
        }
        hash.update(passphrase);
        hash.update(salt);
        *last = hash.finalize().into();
        out.extend_from_slice(last.as_slice());
    }
    out.truncate(len);
    out
}

/// Takes the padding of PKCS#7 off and reads. Says whether the passphrase or the file is at fault.
pub(crate) fn open(
    content: &Content,
    plain: &[u8],
    base: usize,
    block: usize,
    read: impl FnOnce(&[u8]) -> Result<Asn1Key, Fault>,
) -> Result<Asn1Key, UnlockError> {
    let right = asn1::is_key_text(plain);
    let pad = plain.last().copied().unwrap_or(0);
    let body = plain
        .len()
        .checked_sub(usize::from(pad))
        .filter(|_| (1..=block).contains(&usize::from(pad)))
        .and_then(|n| plain.split_at_checked(n))
        .filter(|(_, padding)| padding.iter().all(|&b| b == pad));
    let fault = match body {
        Some((body, _)) => match read(body) {
            Ok(key) => return Ok(key),
            Err(fault) => fault,
        },
        None => expected(
            base.saturating_add(plain.len()).saturating_sub(1),
            "the padding of the encrypted text",
        ),
    };
    Err(if right {
        UnlockError::Damaged(content.error(fault))
    } else {
        UnlockError::WrongPassphrase
    })
}

/// The whole key, checked.
pub(crate) fn finish(key: Asn1Key) -> Result<PrivateKey, UnlockError> {
    if let Some(misfit) = key.misfit {
        return Err(UnlockError::Inconsistent(misfit));
    }
    let key = PrivateKey::new(key.public, key.secret, Vec::new());
    key.check().map_err(UnlockError::Inconsistent)?;
    Ok(key)
}

/// Decrypts and checks.
pub(crate) fn unlock(
    _file: &KeyFile,
    body: &Body,
    passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    let content = &body.content;
    let Some(locked) = &body.locked else {
        let key = parse(body.kind, &content.bytes, 0)
            .map_err(|f| UnlockError::Damaged(content.error(f)))?;
        return finish(key);
    };
    let cipher = locked
        .cipher
        .ok_or(UnlockError::Unsupported("a cipher that is not known here"))?;
    let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
    let key = derive(passphrase, &locked.iv, cipher.key_len());
    let mut plain = content.bytes.clone();
    if !cipher.decrypt(&key, &locked.iv, &mut plain) {
        return Err(UnlockError::Unsupported("a text of broken blocks"));
    }
    let key = open(content, &plain, 0, cipher.block(), |body_text| {
        parse(body.kind, body_text, 0)
    })?;
    finish(key)
}

/// Appends the padding of PKCS#7 and encrypts.
pub(crate) fn seal(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    plain: &[u8],
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let block = cipher.block_size();
    let pad = block.saturating_sub(plain.len() % block.max(1));
    let mut text = Zeroizing::new(Vec::with_capacity(plain.len().saturating_add(block)));
    text.extend_from_slice(plain);
    text.extend((0..pad).map(|_| u8::try_from(pad).unwrap_or(0)));
    match cipher.encrypt(key, iv, &mut text) {
        Ok(_) => Ok(text),
        Err(_) => Err(WriteError::Unsupported("this cipher")),
    }
}

/// Writes the file as `ssh-keygen -m PEM` does: AES-128-CBC where there is a passphrase.
pub(crate) fn write(
    key: &PrivateKey,
    passphrase: Option<&[u8]>,
    rng: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let content = asn1::write(key.public(), key.secret(), true).ok_or(WriteError::Unsupported(
        "PEM holds RSA, ECDSA and DSA keys only; Ed25519 goes into OpenSSH's own format",
    ))?;
    let label = match key.secret() {
        Secret::Rsa { .. } => "RSA PRIVATE KEY",
        Secret::Dsa { .. } => "DSA PRIVATE KEY",
        _ => "EC PRIVATE KEY",
    };
    let Some(passphrase) = passphrase else {
        return Ok(wrap(label, b"", &content, 64));
    };
    let mut iv = [0; 16];
    rng.fill_bytes(&mut iv);
    let derived = derive(passphrase, &iv, 16);
    let content = seal(Cipher::Aes128Cbc, &derived, &iv, &content)?;
    let mut headers = alloc::string::String::from("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,");
    for byte in iv {
        // Writing to a String cannot fail.
        let _written = write!(headers, "{byte:02X}");
    }
    headers.push_str("\n\n");
    Ok(wrap(label, headers.as_bytes(), &content, 64))
}
