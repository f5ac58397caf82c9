//! Private keys of ssh.com: `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----`, which says so of plain
//! ones too. Read only. No document describes the format; this is what puttygen writes
//! (`-O private-sshcom`) and `ssh-keygen -i` reads.

use crate::armour::{Armour, Content, Fault, expected};
use crate::asn1::numbers;
use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::file::{Body as AnyBody, Found, Kdf, KeyFile, Protection};
use crate::openssh_fields::fault;
use crate::secret::{PrivateKey, Secret};
use alloc::vec::Vec;
use core::ops::Range;
use md5::{Digest, Md5};
use ssh_cipher::Cipher;
use sshwhy_keys::wire::Reader;
use sshwhy_keys::{PublicKey, wire};
use zeroize::Zeroizing;

const MAGIC: u32 = 0x3f6f_f9eb;

/// What is kept for unlocking.
pub(crate) struct Body {
    content: Content,
    kind: Kind,
    lock: Lock,
    private: Range<usize>,
}

#[derive(Clone, Copy)]
enum Kind {
    Rsa,
    Dsa,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    Open,
    TripleDes,
    Unknown,
}

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    let armour = Armour::new(found, b"---- END SSH2 ENCRYPTED PRIVATE KEY ----");
    let (comment, body) = headers(found, &armour.inner);
    let content = armour.decode(found, body)?;
    let parts = take_apart(&content).map_err(|f| content.error(f))?;
    let (kind, cipher, lock, private) = parts;
    let mut public = None;
    let protection = if lock == Lock::Open {
        let plain = content.bytes.get(private.clone()).unwrap_or_default();
        let (key, _) = parse(kind, plain, private.start, 0).map_err(|f| content.error(f))?;
        public = Some(key);
        Protection::None
    } else {
        Protection::Passphrase {
            cipher,
            kdf: Kdf::SshComMd5,
        }
    };
    let body = Body {
        content,
        kind,
        lock,
        private,
    };
    let mut file = found.key_file(public, Some(comment), protection, AnyBody::SshCom(body));
    file.problems = armour.problems;
    Ok(file)
}

/// The comment, and the lines of the base64. A header that ends in `\` goes on in the next line.
fn headers(found: &Found<'_>, inner: &Range<usize>) -> (Vec<u8>, Range<usize>) {
    let mut comment = Vec::new();
    let (mut goes_on, mut in_comment) = (false, false);
    let mut at = inner.start;
    while let Some(line) = found.text.get(at).filter(|_| inner.contains(&at)) {
        let text = line.text.trim_ascii();
        let mut value = text;
        if !goes_on {
            let Some((name, rest)) = text
                .iter()
                .position(|&b| b == b':')
                .and_then(|n| text.split_at_checked(n))
            else {
                break;
            };
            in_comment = name.eq_ignore_ascii_case(b"comment");
            value = rest.get(1..).unwrap_or_default().trim_ascii_start();
        }
        goes_on = value.ends_with(b"\\");
        if in_comment {
            comment.extend_from_slice(value.strip_suffix(b"\\").unwrap_or(value));
        }
        at = at.saturating_add(1);
    }
    let bare = comment
        .strip_prefix(b"\"")
        .and_then(|c| c.strip_suffix(b"\""))
        .map(<[u8]>::to_vec);
    (bare.unwrap_or(comment), at..inner.end)
}

type Parts = (Kind, Vec<u8>, Lock, Range<usize>);

fn take_apart(content: &Content) -> Result<Parts, Fault> {
    let bytes = content.bytes.as_slice();
    let mut r = Reader::new(bytes);
    if r.u32("the magic number 3f6ff9eb").map_err(fault)? != MAGIC {
        return Err(expected(0, "the magic number 3f6ff9eb"));
    }
    let at = r.offset();
    let total = r.u32("the length of the whole").map_err(fault)?;
    if usize::try_from(total) != Ok(bytes.len()) {
        return Err(expected(at, "the length of the whole"));
    }
    let at = r.offset();
    let name = r.string("the key type").map_err(fault)?;
    let kind = if name.starts_with(b"if-modn{sign{rsa") {
        Kind::Rsa
    } else if name.starts_with(b"dl-modp{sign{dsa") {
        Kind::Dsa
    } else {
        return Err((
            at,
            FileErrorKind::Unsupported(sshwhy_keys::veiled_name(name)),
        ));
    };
    let cipher = r.string("the cipher").map_err(fault)?;
    let lock = match cipher {
        b"none" => Lock::Open,
        b"3des-cbc" => Lock::TripleDes,
        _ => Lock::Unknown,
    };
    let inner = r.nested("the private key").map_err(fault)?;
    let private = inner.offset()..inner.offset().saturating_add(inner.rest().len());
    if !r.is_empty() {
        return Err(expected(r.offset(), "the end behind the private key"));
    }
    if lock == Lock::TripleDes && !private.len().is_multiple_of(8) {
        let what = "an encrypted text of whole blocks of the cipher";
        return Err(expected(private.start, what));
    }
    Ok((kind, cipher.to_vec(), lock, private))
}

/// A number whose length is given in bits.
fn number<'a>(r: &mut Reader<'a>, what: &'static str) -> Result<&'a [u8], Fault> {
    let bits = r.u32(what).map_err(fault)?;
    let len = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
    r.take(len, what).map(wire::trim_zeros).map_err(fault)
}

/// The key of a decrypted text, behind which at most `padding` bytes may stand.
fn parse(
    kind: Kind,
    plain: &[u8],
    base: usize,
    padding: usize,
) -> Result<(PublicKey, Secret), Fault> {
    let mut outer = Reader::at(plain, base);
    let mut r = outer.nested("the private key").map_err(fault)?;
    if outer.rest().len() > padding {
        return Err(expected(outer.offset(), "the end behind the private key"));
    }
    let owned = |n: &[u8]| Zeroizing::new(n.to_vec());
    let at = r.offset();
    let got = match kind {
        Kind::Rsa => {
            let e = number(&mut r, "the RSA exponent")?;
            let d = number(&mut r, "the RSA private exponent")?;
            let n = number(&mut r, "the RSA modulus")?;
            let iqmp = number(&mut r, "the RSA coefficient")?;
            let q = number(&mut r, "the second RSA prime")?;
            let p = number(&mut r, "the first RSA prime")?;
            let secret = Secret::Rsa {
                d: owned(d),
                p: owned(p),
                q: owned(q),
                iqmp: owned(iqmp),
            };
            (numbers(b"ssh-rsa", &[e, n], at)?, secret)
        }
        Kind::Dsa => {
            if r.u32("the kind of DSA parameters").map_err(fault)? != 0 {
                return Err(expected(at, "DSA parameters that are written out"));
            }
            let p = number(&mut r, "DSA p")?;
            let g = number(&mut r, "DSA g")?;
            let q = number(&mut r, "DSA q")?;
            let y = number(&mut r, "DSA y")?;
            let x = number(&mut r, "the DSA private number")?;
            let secret = Secret::Dsa { x: owned(x) };
            (numbers(b"ssh-dss", &[p, q, g, y], at)?, secret)
        }
    };
    if r.is_empty() {
        Ok(got)
    } else {
        Err(expected(r.offset(), "the end of the private key"))
    }
}

/// MD5 of the passphrase, then MD5 of the passphrase and that; 24 bytes of it.
fn derive(passphrase: &[u8]) -> Zeroizing<[u8; 24]> {
    let first = Zeroizing::new(<[u8; 16]>::from(Md5::digest(passphrase)));
    let second = Md5::new()
        .chain_update(passphrase)
        .chain_update(first.as_slice());
    let second = Zeroizing::new(<[u8; 16]>::from(second.finalize()));
    let mut key = Zeroizing::new([0; 24]);
    let both = first.iter().chain(second.iter());
    key.iter_mut().zip(both).for_each(|(k, b)| *k = *b);
    key
}

/// Decrypts and checks.
pub(crate) fn unlock(
    file: &KeyFile,
    body: &Body,
    passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    let content = &body.content;
    let text = content.bytes.get(body.private.clone()).unwrap_or_default();
    let mut plain = Zeroizing::new(text.to_vec());
    let mut padding = 0;
    match body.lock {
        Lock::Open => {}
        Lock::Unknown => return Err(UnlockError::Unsupported("a cipher that is not known here")),
        Lock::TripleDes => {
            let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
            let key = derive(passphrase);
            padding = 7;
            Cipher::TdesCbc
                .decrypt(key.as_slice(), &[0; 8], &mut plain, None)
                .map_err(|_| UnlockError::Unsupported("a text of broken blocks"))?;
        }
    }
    let base = body.private.start;
    let (public, secret) = parse(body.kind, &plain, base, padding).map_err(|fault| {
        // A length in front that fits the text to its last block is no chance.
        let fits = Reader::new(&plain)
            .u32("length")
            .ok()
            .and_then(|n| usize::try_from(n).ok()?.checked_add(4))
            .and_then(|n| plain.len().checked_sub(n))
            .is_some_and(|left| left <= padding);
        if fits || body.lock == Lock::Open {
            UnlockError::Damaged(content.error(fault))
        } else {
            UnlockError::WrongPassphrase
        }
    })?;
    let key = PrivateKey::new(public, secret, file.comment.clone().unwrap_or_default());
    key.check().map_err(UnlockError::Inconsistent)?;
    Ok(key)
}
