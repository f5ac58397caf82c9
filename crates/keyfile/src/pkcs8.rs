//! PKCS#8: `PRIVATE KEY` and `ENCRYPTED PRIVATE KEY` (RFC 5958; RFC 8410 for Ed25519 and Ed448).

use crate::armour::{Armour, Content, Fault, expected, wrap};
use crate::asn1::{self, Asn1Key};
use crate::der::{self, Der, NULL, OCTET_STRING, OID};
use crate::error::{FileError, FileErrorKind, UnlockError};
use crate::file::{Body as AnyBody, Found, KeyFile, Protection};
use crate::pbe::{self, Scheme};
use crate::pem::{finish, open, seal};
use crate::secret::{PrivateKey, Secret};
use crate::write::WriteError;
use alloc::vec::Vec;
use core::ops::Range;
use rand_core::CryptoRng;
use sha2::Sha256;
use ssh_cipher::Cipher;
use sshwhy_keys::{Format, Material};
use zeroize::Zeroizing;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];

/// What is kept for unlocking.
pub(crate) struct Body {
    content: Content,
    /// The scheme and the encrypted text.
    locked: Option<(Scheme, Range<usize>)>,
}

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    let label: &[u8] = match &found.block.format {
        Format::Pem { label, .. } => label,
        _ => b"PRIVATE KEY",
    };
    let end = [b"-----END ", label, b"-----"].concat();
    let armour = Armour::new(found, &end);
    let content = armour.decode(found, armour.inner.clone())?;
    let mut public = None;
    let mut locked = None;
    let mut protection = Protection::None;
    match label {
        b"ENCRYPTED PRIVATE KEY" => {
            let (scheme, text) = encrypted(&content).map_err(|f| content.error(f))?;
            protection = Protection::Passphrase {
                cipher: scheme.name.as_bytes().to_vec(),
                kdf: scheme.kdf(),
            };
            locked = Some((scheme, text));
        }
        b"PRIVATE KEY" => {
            let key = parse(&content.bytes, 0).map_err(|f| content.error(f))?;
            public = Some(key.public);
        }
        other => {
            return Err(found.fail(
                0,
                FileErrorKind::Unsupported(sshwhy_keys::veiled_name(other)),
            ));
        }
    }
    let body = Body { content, locked };
    let mut file = found.key_file(public, None, protection, AnyBody::Pkcs8(body));
    file.problems = armour.problems;
    Ok(file)
}

/// `EncryptedPrivateKeyInfo`
fn encrypted(content: &Content) -> Result<(Scheme, Range<usize>), Fault> {
    let mut outer = Der::new(&content.bytes, 0);
    let mut seq = outer.sequence("an encrypted private key")?;
    outer.end("the end behind the key")?;
    let scheme = Scheme::read(&mut seq)?;
    let text = seq.next(OCTET_STRING, "the encrypted text")?;
    seq.end("the end of the encrypted key")?;
    if text.rest.is_empty() || !text.rest.len().is_multiple_of(scheme.cipher.block()) {
        let what = "an encrypted text of whole blocks of the cipher";
        return Err(expected(text.at, what));
    }
    Ok((scheme, text.at..text.at.saturating_add(text.rest.len())))
}

/// `OneAsymmetricKey`
fn parse(content: &[u8], at: usize) -> Result<Asn1Key, Fault> {
    let mut outer = Der::new(content, at);
    let mut seq = outer.sequence("a private key")?;
    outer.end("the end behind the key")?;
    let version_at = seq.at;
    if seq.small("the version")? > 1 {
        return Err(expected(version_at, "version 0 or 1"));
    }
    let mut id = seq.sequence("the algorithm")?;
    let oid_at = id.at;
    let oid = id.next(OID, "the algorithm")?.rest;
    let mut inner = seq.next(OCTET_STRING, "the private key")?;
    let key = match oid {
        RSA => asn1::rsa(inner.rest, inner.at)?,
        DSA => asn1::dsa_pkcs8(id, &inner)?,
        EC => {
            let curve = asn1::curve_id(&mut id)?;
            asn1::ec(inner.rest, inner.at, Some(curve))?
        }
        ED25519 => asn1::ed25519(&inner.next(OCTET_STRING, "the Ed25519 seed")?)?,
        ED448 => asn1::ed448(&inner.next(OCTET_STRING, "the Ed448 seed")?)?,
        _ => {
            let what = b"a key of an algorithm that SSH has not".to_vec();
            return Err((oid_at, FileErrorKind::Unsupported(what)));
        }
    };
    seq.optional(0xa0, "the attributes")?;
    let public_at = seq.at;
    if let Some(stated) = seq.optional(0x81, "the public key")? {
        let right = match key.public.material() {
            Material::Ed25519 { key, .. } => key.as_slice(),
            Material::Opaque(raw) => raw.get(4..).unwrap_or_default(),
            _ => stated.rest.get(1..).unwrap_or_default(),
        };
        if stated.rest.get(1..) != Some(right) {
            return Err(expected(public_at, "the public key of this private key"));
        }
    }
    seq.end("the end of the key")?;
    Ok(key)
}

/// Decrypts and checks.
pub(crate) fn unlock(
    _file: &KeyFile,
    body: &Body,
    passphrase: Option<&[u8]>,
) -> Result<PrivateKey, UnlockError> {
    let content = &body.content;
    let Some((scheme, range)) = &body.locked else {
        let key = parse(&content.bytes, 0).map_err(|f| UnlockError::Damaged(content.error(f)))?;
        return finish(key);
    };
    let passphrase = passphrase.ok_or(UnlockError::PassphraseNeeded)?;
    let text = content.bytes.get(range.clone()).unwrap_or_default();
    let plain = scheme.decrypt(passphrase, text)?;
    let key = open(
        content,
        &plain,
        range.start,
        scheme.cipher.block(),
        |text| parse(text, range.start),
    )?;
    finish(key)
}

/// Writes the file as `ssh-keygen -m PKCS8` does: PBES2 with PBKDF2 of HMAC-SHA-256 and
/// AES-128-CBC where there is a passphrase.
pub(crate) fn write(
    key: &PrivateKey,
    iterations: u32,
    passphrase: Option<&[u8]>,
    rng: &mut dyn CryptoRng,
) -> Result<Zeroizing<Vec<u8>>, WriteError> {
    let content = info(key).ok_or(WriteError::Unsupported("PKCS#8 does not hold FIDO keys"))?;
    let Some(passphrase) = passphrase else {
        return Ok(wrap("PRIVATE KEY", b"", &content, 64));
    };
    if iterations == 0 {
        return Err(WriteError::Unsupported("no iterations of PBKDF2"));
    }
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    rng.fill_bytes(&mut salt);
    rng.fill_bytes(&mut iv);
    let mut derived = Zeroizing::new([0; 16]);
    pbkdf2::pbkdf2_hmac::<Sha256>(passphrase, &salt, iterations, derived.as_mut_slice());
    let text = seal(Cipher::Aes128Cbc, derived.as_slice(), &iv, &content)?;
    let oid = |oid| der::element(OID, &[oid]);
    let string = |bytes: &[u8]| der::element(OCTET_STRING, &[bytes]);
    let prf = der::sequence(&[&oid(pbe::HMAC_SHA256), &der::element(NULL, &[])]);
    let kdf = der::sequence(&[
        &string(&salt),
        &der::integer(&iterations.to_be_bytes()),
        &prf,
    ]);
    let kdf = der::sequence(&[&oid(pbe::PBKDF2), &kdf]);
    let cipher = der::sequence(&[&oid(pbe::AES128_CBC), &string(&iv)]);
    let scheme = der::sequence(&[&oid(pbe::PBES2), &der::sequence(&[&kdf, &cipher])]);
    let content = der::sequence(&[&scheme, &string(&text)]);
    Ok(wrap("ENCRYPTED PRIVATE KEY", b"", &content, 64))
}

/// `PrivateKeyInfo`
fn info(key: &PrivateKey) -> Option<Zeroizing<Vec<u8>>> {
    let oid = |oid| der::element(OID, &[oid]);
    let string = |bytes: &[u8]| der::element(OCTET_STRING, &[bytes]);
    let (id, inner) = match (key.public().material(), key.secret()) {
        (_, Secret::Ed25519 { seed }) => (der::sequence(&[&oid(ED25519)]), string(seed.as_slice())),
        (_, Secret::Ed448 { seed }) => (der::sequence(&[&oid(ED448)]), string(seed.as_slice())),
        (Material::Dsa { pqgy: [p, q, g, _] }, Secret::Dsa { x }) => {
            let params = [p, q, g].map(|n| der::integer(n));
            let params = der::sequence(&params.each_ref().map(|n| n.as_slice()));
            (der::sequence(&[&oid(DSA), &params]), der::integer(x))
        }
        (_, Secret::Rsa { .. }) => (
            der::sequence(&[&oid(RSA), &der::element(NULL, &[])]),
            asn1::write(key.public(), key.secret(), false)?,
        ),
        (_, Secret::Ecdsa { curve, .. }) => (
            der::sequence(&[&oid(EC), &asn1::curve_oid(*curve)]),
            asn1::write(key.public(), key.secret(), false)?,
        ),
        _ => return None,
    };
    Some(der::sequence(&[&der::integer(&[]), &id, &string(&inner)]))
}
