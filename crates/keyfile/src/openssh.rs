//! OpenSSH's own format: `-----BEGIN OPENSSH PRIVATE KEY-----` (PROTOCOL.key).

use crate::armour::{Armour, Content, Fault, expected, wrap};
use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::fields;
use crate::file::{Body as AnyBody, Found, Kdf, KeyFile, Problem, Protection};
use crate::openssh_fields::{self, fault};
use crate::secret::{Inconsistent, PrivateKey};
use crate::write::{OpensshOptions, WriteError};
use alloc::vec::Vec;
use core::ops::Range;
use rand_core::CryptoRng;
use ssh_cipher::Cipher;
use sshwhy_keys::wire::{Reader, put_string};
use sshwhy_keys::{BlobErrorKind, Encoding, Ending, Material, PublicKey};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const BEGIN: &[u8] = b"-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &[u8] = b"-----END OPENSSH PRIVATE KEY-----";
/// Beyond this, one try takes more than an hour: the number is damaged.
const MAX_ROUNDS: u32 = 1 << 18;

/// Every cipher that ssh-keygen's `-Z` takes.
const CIPHERS: [Cipher; 11] = [
    Cipher::None,
    Cipher::Aes128Cbc,
    Cipher::Aes192Cbc,
    Cipher::Aes256Cbc,
    Cipher::Aes128Ctr,
    Cipher::Aes192Ctr,
    Cipher::Aes256Ctr,
    Cipher::Aes128Gcm,
    Cipher::Aes256Gcm,
    Cipher::ChaCha20Poly1305,
    Cipher::TdesCbc,
];

/// What is kept for unlocking.
pub(crate) struct Body {
    content: Content,
    /// None for a cipher that is not known here.
    cipher: Option<Cipher>,
    salt: Vec<u8>,
    rounds: u32,
    /// The private part, encrypted or not.
    private: Range<usize>,
    /// The tag of an authenticated cipher.
    tag: Range<usize>,
}

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    let armour = Armour::new(found, END);
    let content = armour.decode(found, armour.inner.clone())?;
    let parts = take_apart(&content).map_err(|f| content.error(f))?;
    let mut problems = frame_problems(found);
    problems.extend(armour.problems);
    let public = match parts.public {
        Ok(key) => Some(key),
        Err((at, kind)) => {
            let line = content.error((at, FileErrorKind::Empty)).line;
            problems.push(Problem { line, kind });
            None
        }
    };
    let body = Body {
        content,
        cipher: parts.cipher,
        salt: parts.salt,
        rounds: parts.rounds,
        private: parts.private,
        tag: parts.tag,
    };
    let mut comment = None;
    let mut inner_public = None;
    let protection = if body.cipher == Some(Cipher::None) {
        let plain = body.content.bytes.get(body.private.clone());
        let got = parse(plain.unwrap_or_default(), body.private.start)
            .map_err(|f| body.content.error(f))?;
        comment = Some(got.comment().to_vec());
        inner_public = Some(got.public().clone());
        Protection::None
    } else {
        Protection::Passphrase {
            cipher: parts.cipher_name,
            kdf: Kdf::Bcrypt {
                rounds: body.rounds,
                salt: body.salt.len(),
            },
        }
    };
    let public = public.or(inner_public);
    let mut file = found.key_file(public, comment, protection, AnyBody::Openssh(body));
    file.problems = problems;
    Ok(file)
}

/// ssh and ssh-keygen (`sshkey_parse_private2`, private2_uudecode) compare the BEGIN line, from the
/// first byte of the file, and the END line with a LF behind each; else `error in libcrypto` or,
/// in newer ones, `invalid format`.
fn frame_problems(found: &Found<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |line, expected, found: &[u8]| {
        problems.push(Problem {
            line,
            kind: FileErrorKind::Expected {
                expected,
                found: sshwhy_keys::veiled_name(found),
            },
        });
    };
    if found.block.span.start != 0 {
        say(
            1,
            "the BEGIN line as the very first thing of the file (ssh looks nowhere else)",
            found
                .data
                .get(..found.block.span.start.min(40))
                .unwrap_or_default(),
        );
    }
    if found.block.quoted || found.block.html {
        say(
            found.block.line,
            "lines without mail quotes or HTML tags (ssh passes over neither)",
            b"",
        );
    }
    if matches!(
        found.text.encoding(),
        Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. }
    ) {
        say(1, "one byte for each character (ssh reads no UTF-16)", b"");
    }
    let last = found.text.len().saturating_sub(1);
    for (index, bare) in [(0, BEGIN), (last, END)] {
        let Some(line) = found.text.get(index) else {
            continue;
        };
        let text = line.text.trim_ascii();
        if text != bare {
            continue;
        }
        if line.text != bare {
            say(
                line.number,
                "no blanks around the BEGIN and END lines (ssh takes none)",
                line.text,
            );
        }
        match line.ending {
            Ending::Lf => {}
            Ending::None => say(
                line.number,
                "a newline at the end of the file (ssh wants one)",
                b"",
            ),
            Ending::CrLf => say(
                line.number,
                "LF alone at the end of the BEGIN and END lines (ssh takes nothing else)",
                b"\r\n",
            ),
            Ending::CrCrLf => say(
                line.number,
                "LF alone at the end of the BEGIN and END lines (ssh takes nothing else)",
                b"\r\r\n",
            ),
        }
    }
    problems
}

struct Parts {
    cipher_name: Vec<u8>,
    cipher: Option<Cipher>,
    salt: Vec<u8>,
    rounds: u32,
    public: Result<PublicKey, Fault>,
    private: Range<usize>,
    tag: Range<usize>,
}

fn take_apart(content: &Content) -> Result<Parts, Fault> {
    let bytes = content.bytes.as_slice();
    let rest = bytes
        .strip_prefix(MAGIC)
        .ok_or_else(|| expected(0, "\"openssh-key-v1\""))?;
    let mut r = Reader::at(rest, MAGIC.len());
    let name = r.cstring("the cipher").map_err(fault)?;
    let cipher = CIPHERS
        .iter()
        .copied()
        .find(|c| c.as_str().as_bytes() == name);
    let at = r.offset();
    let kdf = r.cstring("the key derivation").map_err(fault)?;
    let plain = name == b"none";
    match kdf {
        b"none" | b"bcrypt" if plain == (kdf == b"none") => {}
        b"none" => {
            return Err(expected(
                at,
                "the key derivation \"bcrypt\" beside a cipher",
            ));
        }
        b"bcrypt" => {
            return Err(expected(
                at,
                "the key derivation \"none\" beside the cipher \"none\"",
            ));
        }
        other => {
            return Err((
                at,
                FileErrorKind::Unsupported(sshwhy_keys::veiled_name(other)),
            ));
        }
    }
    let mut options = r
        .nested("the options of the key derivation")
        .map_err(fault)?;
    let (mut salt, mut rounds) = (Vec::new(), 0);
    if !plain {
        let at = options.offset();
        salt = options.string("the salt").map_err(fault)?.to_vec();
        if salt.is_empty() {
            return Err(expected(at, "a salt"));
        }
        let at = options.offset();
        rounds = options.u32("the rounds of bcrypt").map_err(fault)?;
        if rounds == 0 {
            return Err(expected(at, "one round of bcrypt or more"));
        }
    }
    if !options.is_empty() {
        return Err(expected(
            options.offset(),
            "the end of the options of the key derivation",
        ));
    }
    let at = r.offset();
    if r.u32("the number of keys").map_err(fault)? != 1 {
        return Err(expected(at, "one key (ssh reads files of one key only)"));
    }
    let blob = r.nested("the public key").map_err(fault)?;
    let blob_at = blob.offset();
    let public = PublicKey::from_blob(blob.rest());
    let public = match public {
        Ok(key) => Ok(key),
        Err(e) => match e.kind {
            BlobErrorKind::UnknownType(name) => {
                return Err((
                    blob_at,
                    FileErrorKind::Unsupported(sshwhy_keys::veiled_name(&name)),
                ));
            }
            _ => Err((blob_at.saturating_add(e.offset), FileErrorKind::Public(e))),
        },
    };
    let private = r.nested("the private key").map_err(fault)?;
    let private = private.offset()..private.offset().saturating_add(private.rest().len());
    let mut tag = private.end..private.end;
    if let Some(cipher) = cipher {
        let block = cipher.block_size();
        if private.is_empty() || !private.len().is_multiple_of(block) {
            return Err(expected(
                private.end,
                "a private part that is made of whole blocks of the cipher",
            ));
        }
        if cipher.has_tag() {
            r.take(16, "the tag of the cipher").map_err(fault)?;
            tag.end = private.end.saturating_add(16);
        }
        if !r.is_empty() {
            return Err(expected(r.offset(), "the end behind the private key"));
        }
    }
    Ok(Parts {
        cipher_name: name.to_vec(),
        cipher,
        salt,
        rounds,
        public,
        private,
        tag,
    })
}

/// Reads the private part: check numbers, key, comment, padding 1, 2, 3…
fn parse(plain: &[u8], base: usize) -> Result<PrivateKey, Fault> {
    let mut r = Reader::at(plain, base);
    let first = r.u32("the first check number").map_err(fault)?;
    let second = r.u32("the second check number").map_err(fault)?;
    if first != second {
        return Err(expected(base, "two check numbers that are equal"));
    }
    parse_key(&mut r)
}

fn parse_key(r: &mut Reader<'_>) -> Result<PrivateKey, Fault> {
    let (public, secret) = openssh_fields::read(r)?;
    let comment = r.cstring("the comment").map_err(fault)?.to_vec();
    let start = r.offset();
    for (n, &byte) in r.rest().iter().enumerate() {
        if usize::from(byte) != n.saturating_add(1) & 0xff {
            return Err(expected(
                start.saturating_add(n),
                "the padding 1, 2, 3… behind the comment",
            ));
        }
    }
    Ok(PrivateKey::new(public, secret, comment))
}

/// Decrypts and checks.
pub(crate) fn unlock(
    file: &KeyFile,
    body: &Body,
    passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    let bytes = body.content.bytes.as_slice();
    let private = bytes.get(body.private.clone()).unwrap_or_default();
    let mut plain = Zeroizing::new(private.to_vec());
    let mut tag_fits = true;
    match body.cipher {
        None => return Err(UnlockError::Unsupported("a cipher that is not known here")),
        Some(Cipher::None) => {}
        Some(cipher) => {
            if body.rounds > MAX_ROUNDS {
                return Err(UnlockError::Unsupported(
                    "more than 262144 rounds of bcrypt",
                ));
            }
            let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
            let key = derive(cipher, passphrase, &body.salt, body.rounds)
                .ok_or(UnlockError::WrongPassphrase)?;
            let tag = bytes.get(body.tag.clone()).unwrap_or_default();
            tag_fits = decrypt(cipher, &key, &mut plain, tag);
        }
    }
    let base = body.private.start;
    let got = match parse(&plain, base) {
        Ok(key) if tag_fits => key,
        // The content is whole, which no wrong passphrase would give.
        Ok(_) => {
            let fault = expected(
                body.tag.start,
                "the tag of this content (a byte was changed)",
            );
            return Err(UnlockError::Damaged(body.content.error(fault)));
        }
        Err(fault) => {
            // Is it this key's text at all? Then the passphrase is right and the file is damaged.
            let check = plain.get(..8).unwrap_or_default();
            let equal = check.get(..4) == check.get(4..8);
            let known = file
                .public
                .as_ref()
                .is_some_and(|k| contains_public(&plain, k));
            return Err(if body.cipher == Some(Cipher::None) || equal || known {
                UnlockError::Damaged(body.content.error(fault))
            } else {
                UnlockError::WrongPassphrase
            });
        }
    };
    if let Some(outer) = &file.public
        && outer.blob() != got.public().blob()
    {
        return Err(UnlockError::Inconsistent(
            if outer.key_type() == got.public().key_type() {
                Inconsistent::Public
            } else {
                Inconsistent::Kind
            },
        ));
    }
    got.check().map_err(UnlockError::Inconsistent)?;
    Ok(got)
}

/// Whether the numbers of the public key stand in this text.
fn contains_public(plain: &[u8], key: &PublicKey) -> bool {
    let number: &[u8] = match key.material() {
        Material::Rsa { n, .. } => n,
        Material::Dsa { pqgy: [_, _, _, y] } => y,
        Material::Ecdsa { point, .. } => point,
        Material::Ed25519 { key, .. } => key,
        Material::Opaque(raw) => raw,
        _ => return false,
    };
    // Half of it will do: damage may lie in the other.
    let (front, back) = number.split_at(number.len() / 2);
    [front, back]
        .iter()
        .any(|half| half.len() >= 12 && plain.windows(half.len()).any(|w| w == *half))
}

/// Key and IV from the passphrase; None for an empty passphrase, which encrypts nothing.
fn derive(
    cipher: Cipher,
    passphrase: &[u8],
    salt: &[u8],
    rounds: u32,
) -> Option<Zeroizing<Vec<u8>>> {
    let (key, iv) = sizes(cipher);
    let mut out = Zeroizing::new(Vec::new());
    out.resize(key.saturating_add(iv), 0);
    let mut memory = Zeroizing::new(Vec::new());
    memory.resize(out.len().next_multiple_of(32), 0);
    bcrypt_pbkdf::bcrypt_pbkdf_with_memory(passphrase, salt, rounds, &mut out, &mut memory).ok()?;
    Some(out)
}

/// Lengths of key and IV. OpenSSH's ChaCha20 takes two keys, of which a file uses the first, and
/// no IV (`cipher_by_name`).
fn sizes(cipher: Cipher) -> (usize, usize) {
    match cipher {
        Cipher::ChaCha20Poly1305 => (64, 0),
        other => other.key_and_iv_size().unwrap_or_default(),
    }
}

fn split_key(cipher: Cipher, derived: &[u8]) -> (&[u8], &[u8]) {
    match cipher {
        Cipher::ChaCha20Poly1305 => (derived.get(..32).unwrap_or_default(), &[0; 8]),
        other => derived.split_at_checked(sizes(other).0).unwrap_or_default(),
    }
}

/// Decrypts in place. False where the tag does not fit; the text is decrypted all the same.
fn decrypt(cipher: Cipher, derived: &[u8], text: &mut [u8], tag: &[u8]) -> bool {
    let (key, iv) = split_key(cipher, derived);
    if !cipher.has_tag() {
        return cipher.decrypt(key, iv, text, None).is_ok();
    }
    let Ok(tag) = tag.try_into() else {
        return false;
    };
    if cipher.decrypt(key, iv, text, Some(tag)).is_ok() {
        return true;
    }
    // Both modes are a key stream at heart: encrypting anew takes it off without asking the tag.
    let _tag = cipher.encrypt(key, iv, text);
    false
}

/// Writes the file as ssh-keygen does.
pub(crate) fn write(
    key: &PrivateKey,
    options: &OpensshOptions,
    passphrase: Option<&[u8]>,
    rng: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    if key.comment().contains(&0) {
        return Err(WriteError::CommentHasNul);
    }
    let cipher = match passphrase {
        None => Cipher::None,
        Some(_) => CIPHERS
            .iter()
            .copied()
            .find(|c| c.as_str() == options.cipher && c.is_some())
            .ok_or(WriteError::Unsupported("a cipher that OpenSSH has not"))?,
    };
    let fields = fields::openssh(key);
    let blob = key.public().blob();
    let block = cipher.block_size();
    let size = fields
        .len()
        .saturating_add(key.comment().len())
        .saturating_add(12);
    let padded = size.next_multiple_of(block);
    let mut private = Zeroizing::new(Vec::with_capacity(padded));
    let mut check = [0; 4];
    rng.fill_bytes(&mut check);
    private.extend_from_slice(&check);
    private.extend_from_slice(&check);
    private.extend_from_slice(&fields);
    put_string(&mut private, key.comment());
    private.extend((1..=u8::MAX).take(padded.saturating_sub(size)));

    let mut kdf_options = Vec::new();
    let mut tag = None;
    if let Some(passphrase) = passphrase {
        if options.rounds == 0 || options.rounds > MAX_ROUNDS {
            return Err(WriteError::Unsupported(
                "rounds of bcrypt beyond 1 to 262144",
            ));
        }
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let derived = derive(cipher, passphrase, &salt, options.rounds)
            .ok_or(WriteError::Unsupported("an empty passphrase"))?;
        let (key, iv) = split_key(cipher, &derived);
        tag = cipher
            .encrypt(key, iv, &mut private)
            .map_err(|_| WriteError::Unsupported("this cipher"))?;
        put_string(&mut kdf_options, &salt);
        kdf_options.extend_from_slice(&options.rounds.to_be_bytes());
    }
    let room = private.len().saturating_add(blob.len()).saturating_add(256);
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    out.extend_from_slice(MAGIC);
    put_string(&mut out, cipher.as_str().as_bytes());
    put_string(&mut out, if cipher.is_none() { b"none" } else { b"bcrypt" });
    put_string(&mut out, &kdf_options);
    out.extend_from_slice(&1u32.to_be_bytes());
    put_string(&mut out, blob);
    put_string(&mut out, &private);
    out.extend(tag.iter().flatten());
    Ok(wrap("OPENSSH PRIVATE KEY", b"", &out, 70))
}
