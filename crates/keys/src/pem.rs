//! The public half of private key files, and of foreign public ones.
//!
//! Own code, because only public numbers are wanted: RSA's modulus stands at
//! the front of PKCS#1, and nearly every EC file carries its point. The crates
//! that read these formats build whole private keys first.

use crate::error::BlobErrorKind;
use crate::load::{LoadErrorKind as E, Note, Yield};
use crate::types::Curve;
use crate::wire::{Reader, put_mpint, put_string};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use zeroize::Zeroizing;

const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// The content of `-----BEGIN OPENSSH PRIVATE KEY-----` (PROTOCOL.key).
pub(crate) fn openssh(content: &[u8]) -> Result<Yield, E> {
    let Some(rest) = content.strip_prefix(OPENSSH_MAGIC) else {
        return Err(E::Structure {
            at: 0,
            expected: "\"openssh-key-v1\"",
        });
    };
    let mut r = Reader::at(rest, OPENSSH_MAGIC.len());
    let cipher = r.cstring("cipher name").map_err(E::Blob)?;
    r.cstring("kdf name").map_err(E::Blob)?;
    r.string("kdf options").map_err(E::Blob)?;
    let at = r.offset();
    if r.u32("number of keys").map_err(E::Blob)? != 1 {
        return Err(E::Structure {
            at,
            expected: "one key",
        });
    }
    let mut got = Yield::of(r.string("public key").map_err(E::Blob)?)?;
    got.encrypted = cipher != b"none";
    if !got.encrypted {
        let private = r.string("private key").map_err(E::Blob)?;
        got.comment = comment_of(private).unwrap_or_default();
    }
    Ok(got)
}

/// The comment stands behind the fields of the private key.
fn comment_of(private: &[u8]) -> Option<Vec<u8>> {
    let mut r = Reader::new(private);
    r.u64("check numbers").ok()?;
    let fields = match r.cstring("key type").ok()? {
        b"ssh-ed25519" => 2,
        b"ssh-rsa" => 6,
        b"ssh-dss" => 5,
        name if name.starts_with(b"ecdsa-sha2-") => 3,
        _ => return None,
    };
    for _ in 0..fields {
        r.string("field").ok()?;
    }
    r.cstring("comment").ok().map(ToOwned::to_owned)
}

/// A PEM block by its label; `body` decodes it, and is not asked for labels not read here.
pub(crate) fn by_label(
    label: &[u8],
    body: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, E>,
) -> Result<Yield, E> {
    match label {
        b"RSA PRIVATE KEY" => rsa(&body()?, 0, true),
        b"RSA PUBLIC KEY" => rsa(&body()?, 0, false),
        b"DSA PRIVATE KEY" => dsa(&body()?),
        b"EC PRIVATE KEY" => ec(&body()?, 0, None),
        b"PRIVATE KEY" => pkcs8(&body()?),
        b"PUBLIC KEY" => spki(&body()?),
        b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => Err(E::Unsupported(
            "an X.509 certificate, which OpenSSH does not use",
        )),
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Err(E::Unsupported(
            "an X.509 certificate request, not an SSH key",
        )),
        _ if label.starts_with(b"PGP ") => Err(E::Unsupported("PGP data, not an SSH key")),
        b"SSH SIGNATURE" => Err(E::Unsupported("a signature made by an SSH key, not a key")),
        _ => Err(E::Unsupported("a PEM block of a kind not known here")),
    }
}

/// A cursor over DER (X.690).
struct Der<'a> {
    rest: &'a [u8],
    at: usize,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

impl<'a> Der<'a> {
    fn new(rest: &'a [u8], at: usize) -> Self {
        Der { rest, at }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The content of the next element, which must have this tag, and its offset.
    fn next(&mut self, tag: u8, expected: &'static str) -> Result<Der<'a>, E> {
        let fail = E::Structure {
            at: self.at,
            expected,
        };
        let (&[found, first], mut body) = self.rest.split_first_chunk::<2>().ok_or(fail.clone())?;
        let mut head = 2usize;
        let len = if first < 0x80 {
            usize::from(first)
        } else {
            let n = usize::from(first & 0x7f);
            let (bytes, rest) = body
                .split_at_checked(n)
                .filter(|_| (1..=4).contains(&n))
                .ok_or(fail.clone())?;
            body = rest;
            head = head.saturating_add(n);
            bytes.iter().fold(0usize, |v, &b| (v << 8) | usize::from(b))
        };
        let (content, rest) = body
            .split_at_checked(len)
            .filter(|_| found == tag)
            .ok_or(fail)?;
        let inner = Der::new(content, self.at.saturating_add(head));
        self.at = inner.at.saturating_add(len);
        self.rest = rest;
        Ok(inner)
    }

    fn sequence(&mut self, expected: &'static str) -> Result<Der<'a>, E> {
        self.next(SEQUENCE, expected)
    }

    /// A non-negative INTEGER; the sign byte stays, `put_mpint` drops it.
    fn integer(&mut self, expected: &'static str) -> Result<&'a [u8], E> {
        let at = self.at;
        let n = self.next(INTEGER, expected)?.rest;
        if n.first().is_some_and(|b| b & 0x80 != 0) {
            return Err(E::Structure { at, expected });
        }
        Ok(n)
    }

    /// A BIT STRING of whole bytes.
    fn bits(&mut self, expected: &'static str) -> Result<Der<'a>, E> {
        let inner = self.next(BIT_STRING, expected)?;
        match inner.rest.split_first() {
            Some((0, rest)) => Ok(Der::new(rest, inner.at.saturating_add(1))),
            _ => Err(E::Structure {
                at: inner.at,
                expected,
            }),
        }
    }
}

/// PKCS#1 (RFC 8017 A.1), private or public.
fn rsa(content: &[u8], at: usize, private: bool) -> Result<Yield, E> {
    let mut seq = Der::new(content, at).sequence("an RSA key")?;
    if private {
        seq.integer("the version")?;
    }
    let n = seq.integer("the RSA modulus")?;
    let e = seq.integer("the RSA exponent")?;
    if private {
        // The rest is private; that it is there tells a whole file from a cut one.
        seq.integer("the private exponent")?;
    }
    numbers(b"ssh-rsa", &[e, n])
}

fn dsa(content: &[u8]) -> Result<Yield, E> {
    let mut seq = Der::new(content, 0).sequence("a DSA key")?;
    seq.integer("the version")?;
    let mut pqgy = [&[] as &[u8]; 4];
    for number in &mut pqgy {
        *number = seq.integer("a DSA number")?;
    }
    seq.integer("the private number")?;
    numbers(b"ssh-dss", &pqgy)
}

fn numbers(name: &[u8], numbers: &[&[u8]]) -> Result<Yield, E> {
    let mut blob = Vec::new();
    put_string(&mut blob, name);
    numbers.iter().for_each(|n| put_mpint(&mut blob, n));
    Yield::of(&blob)
}

/// SEC1 `ECPrivateKey` (RFC 5915).
fn ec(content: &[u8], at: usize, curve: Option<Curve>) -> Result<Yield, E> {
    let mut seq = Der::new(content, at).sequence("an EC key")?;
    seq.integer("the version")?;
    let secret = seq.next(OCTET_STRING, "the private key")?;
    let mut curve = curve;
    if seq.peek() == Some(0xa0) {
        let mut params = seq.next(0xa0, "the curve")?;
        if params.peek() == Some(OID) {
            curve = Some(curve_of(params.next(OID, "the curve")?.rest)?);
        }
    }
    let curve = curve.ok_or(E::Unsupported("an EC key whose curve is not named"))?;
    if seq.peek() == Some(0xa1) {
        let point = seq.next(0xa1, "the public key")?.bits("the public key")?;
        return ec_point(curve, point.rest);
    }
    let point = derive_point(curve, secret.rest).ok_or(E::Structure {
        at: secret.at,
        expected: "a private key within range",
    })?;
    let mut got = ec_point(curve, &point)?;
    got.notes.push(Note::Derived);
    Ok(got)
}

fn ec_point(curve: Curve, point: &[u8]) -> Result<Yield, E> {
    let mut blob = Vec::new();
    let mut name = b"ecdsa-sha2-".to_vec();
    name.extend_from_slice(curve.name().as_bytes());
    put_string(&mut blob, &name);
    put_string(&mut blob, curve.name().as_bytes());
    put_string(&mut blob, point);
    Yield::of(&blob)
}

fn derive_point(curve: Curve, secret: &[u8]) -> Option<Vec<u8>> {
    macro_rules! derive {
        ($curve:ident) => {{
            let key = $curve::ecdsa::SigningKey::from_slice(secret).ok()?;
            Some(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
        }};
    }
    match curve {
        Curve::P256 => derive!(p256),
        Curve::P384 => derive!(p384),
        Curve::P521 => derive!(p521),
    }
}

fn curve_of(oid: &[u8]) -> Result<Curve, E> {
    match oid {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => Ok(Curve::P256),
        [0x2b, 0x81, 0x04, 0x00, 0x22] => Ok(Curve::P384),
        [0x2b, 0x81, 0x04, 0x00, 0x23] => Ok(Curve::P521),
        _ => Err(E::Unsupported(
            "an EC key on a curve that SSH does not have",
        )),
    }
}

/// What an AlgorithmIdentifier names.
enum Algorithm<'a> {
    Rsa,
    Dsa(Der<'a>),
    Ec(Curve),
    Ed25519,
    Ed448,
}

fn algorithm<'a>(seq: &mut Der<'a>) -> Result<Algorithm<'a>, E> {
    let mut id = seq.sequence("the algorithm")?;
    match id.next(OID, "the algorithm")?.rest {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01] => Ok(Algorithm::Rsa),
        [0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01] => Ok(Algorithm::Dsa(id)),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01] => {
            Ok(Algorithm::Ec(curve_of(id.next(OID, "the curve")?.rest)?))
        }
        [0x2b, 0x65, 0x70] => Ok(Algorithm::Ed25519),
        [0x2b, 0x65, 0x71] => Ok(Algorithm::Ed448),
        _ => Err(E::Unsupported(
            "a key of an algorithm that SSH does not have",
        )),
    }
}

/// PKCS#8 `OneAsymmetricKey`, unencrypted (RFC 5958).
fn pkcs8(content: &[u8]) -> Result<Yield, E> {
    let mut seq = Der::new(content, 0).sequence("a private key")?;
    seq.integer("the version")?;
    let algorithm = algorithm(&mut seq)?;
    let inner = seq.next(OCTET_STRING, "the private key")?;
    match algorithm {
        Algorithm::Rsa => rsa(inner.rest, inner.at, true),
        Algorithm::Ec(curve) => ec(inner.rest, inner.at, Some(curve)),
        Algorithm::Dsa(_) => Err(E::Unsupported(
            "a DSA key in PKCS#8, which holds no public number; give the .pub file",
        )),
        Algorithm::Ed448 => Err(E::Unsupported("an Ed448 key in PKCS#8; give the .pub file")),
        Algorithm::Ed25519 => {
            let mut inner = inner;
            let seed = inner.next(OCTET_STRING, "the Ed25519 seed")?;
            let seed: &[u8; 32] = seed.rest.try_into().map_err(|_| E::Structure {
                at: seed.at,
                expected: "an Ed25519 seed of 32 bytes",
            })?;
            let key = ed25519_dalek::SigningKey::from_bytes(seed);
            let mut got = ed25519(key.verifying_key().as_bytes())?;
            got.notes.push(Note::Derived);
            Ok(got)
        }
    }
}

fn ed25519(key: &[u8]) -> Result<Yield, E> {
    let mut blob = Vec::new();
    put_string(&mut blob, b"ssh-ed25519");
    put_string(&mut blob, key);
    Yield::of(&blob)
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
fn spki(content: &[u8]) -> Result<Yield, E> {
    let mut seq = Der::new(content, 0).sequence("a public key")?;
    let algorithm = algorithm(&mut seq)?;
    let mut key = seq.bits("the public key")?;
    match algorithm {
        Algorithm::Rsa => rsa(key.rest, key.at, false),
        Algorithm::Ec(curve) => ec_point(curve, key.rest),
        Algorithm::Ed25519 => ed25519(key.rest),
        Algorithm::Dsa(mut params) => {
            let mut params = params.sequence("the DSA parameters")?;
            let p = params.integer("DSA p")?;
            let q = params.integer("DSA q")?;
            let g = params.integer("DSA g")?;
            numbers(b"ssh-dss", &[p, q, g, key.integer("DSA y")?])
        }
        Algorithm::Ed448 => {
            let mut blob = Vec::new();
            put_string(&mut blob, b"ssh-ed448");
            put_string(&mut blob, key.rest);
            Yield::of(&blob)
        }
    }
}

/// The content of an ssh.com private key, as puttygen writes and ssh-keygen reads it.
pub(crate) fn ssh_com(content: &[u8]) -> Result<Yield, E> {
    let mut r = Reader::new(content);
    let magic = r.u32("magic number").map_err(E::Blob)?;
    if magic != 0x3f6f_f9eb {
        return Err(E::Structure {
            at: 0,
            expected: "the magic number 3f6ff9eb",
        });
    }
    r.u32("length").map_err(E::Blob)?;
    let kind = r.string("key type").map_err(E::Blob)?;
    let cipher = r.string("cipher name").map_err(E::Blob)?;
    if cipher != b"none" {
        return Err(E::Encrypted);
    }
    let mut r = r.nested("private key").map_err(E::Blob)?;
    r.u32("length of the private key").map_err(E::Blob)?;
    if kind.starts_with(b"if-modn{sign{rsa") {
        let e = bits_number(&mut r)?;
        bits_number(&mut r)?;
        let n = bits_number(&mut r)?;
        return numbers(b"ssh-rsa", &[e, n]);
    }
    if kind.starts_with(b"dl-modp{sign{dsa") {
        r.u32("kind of parameters").map_err(E::Blob)?;
        let p = bits_number(&mut r)?;
        let g = bits_number(&mut r)?;
        let q = bits_number(&mut r)?;
        let y = bits_number(&mut r)?;
        return numbers(b"ssh-dss", &[p, q, g, y]);
    }
    Err(E::Unsupported("an ssh.com key of a kind not known here"))
}

/// A number whose length is given in bits.
fn bits_number<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], E> {
    let bits = r.u32("number").map_err(E::Blob)?;
    let bytes = usize::try_from(bits.div_ceil(8)).map_err(|_| {
        E::Blob(r.error(BlobErrorKind::StringTooLong {
            what: "number",
            len: usize::MAX,
        }))
    })?;
    r.take(bytes, "number").map_err(E::Blob)
}
