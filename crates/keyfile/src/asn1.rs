//! Private keys in ASN.1: PKCS#1 (RFC 8017 A.1), SEC 1 (RFC 5915), DSA as OpenSSL has it.

use crate::armour::{Fault, expected};
use crate::der::{self, BIT_STRING, Der, OCTET_STRING, OID};
use crate::error::FileErrorKind;
use crate::fields::scalar;
use crate::number;
use crate::secret::{Inconsistent, Secret, ecdsa_point};
use alloc::vec::Vec;
use sshwhy_keys::wire::{put_mpint, put_string, trim_zeros};
use sshwhy_keys::{Curve, KeyType, Material, PublicKey};
use zeroize::Zeroizing;

/// A private key out of a DER structure.
pub(crate) struct Asn1Key {
    pub(crate) public: PublicKey,
    pub(crate) secret: Secret,
    /// A number that belongs to none of both and does not fit them.
    pub(crate) misfit: Option<Inconsistent>,
}

fn unsupported(at: usize, what: &'static str) -> Fault {
    (at, FileErrorKind::Unsupported(what.as_bytes().to_vec()))
}

fn owned(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

/// The public key of these numbers, in the order of the wire.
pub(crate) fn numbers(name: &[u8], numbers: &[&[u8]], at: usize) -> Result<PublicKey, Fault> {
    let mut blob = Vec::new();
    put_string(&mut blob, name);
    numbers.iter().for_each(|n| put_mpint(&mut blob, n));
    public(&blob, at)
}

/// The public key of these strings, in the order of the wire.
pub(crate) fn strings(strings: &[&[u8]], at: usize) -> Result<PublicKey, Fault> {
    let mut blob = Vec::new();
    strings.iter().for_each(|s| put_string(&mut blob, s));
    public(&blob, at)
}

fn public(blob: &[u8], at: usize) -> Result<PublicKey, Fault> {
    PublicKey::from_blob(blob).map_err(|e| (at, FileErrorKind::Public(e)))
}

fn point(curve: Curve, point: &[u8], at: usize) -> Result<PublicKey, Fault> {
    let name = match curve {
        Curve::P256 => KeyType::EcdsaP256,
        Curve::P384 => KeyType::EcdsaP384,
        Curve::P521 => KeyType::EcdsaP521,
    };
    strings(&[name.name(), curve.name().as_bytes(), point], at)
}

/// `RSAPrivateKey`
pub(crate) fn rsa(content: &[u8], at: usize) -> Result<Asn1Key, Fault> {
    let mut outer = Der::new(content, at);
    let mut seq = outer.sequence("an RSA private key")?;
    outer.end("the end behind the RSA key")?;
    let version_at = seq.at;
    if seq.small("the version")? != 0 {
        return Err(unsupported(
            version_at,
            "an RSA key of more than two primes",
        ));
    }
    let at = seq.at;
    let n = seq.integer("the RSA modulus")?;
    let e = seq.integer("the RSA exponent")?;
    let d = seq.integer("the RSA private exponent")?;
    let p = seq.integer("the first RSA prime")?;
    let q = seq.integer("the second RSA prime")?;
    let dp = seq.integer("the first RSA exponent of the CRT")?;
    let dq = seq.integer("the second RSA exponent of the CRT")?;
    let iqmp = seq.integer("the RSA coefficient")?;
    seq.end("the end of the RSA key")?;
    let fits = |prime: &[u8], stated: &[u8]| {
        crt_exponent(d, prime).is_none_or(|right| right.as_slice() == stated)
    };
    let misfit = if !fits(p, dp) {
        Some(Inconsistent::Number("the first RSA exponent of the CRT"))
    } else if !fits(q, dq) {
        Some(Inconsistent::Number("the second RSA exponent of the CRT"))
    } else {
        None
    };
    Ok(Asn1Key {
        public: numbers(b"ssh-rsa", &[e, n], at)?,
        secret: Secret::Rsa {
            d: owned(d),
            p: owned(p),
            q: owned(q),
            iqmp: owned(iqmp),
        },
        misfit,
    })
}

/// `d mod (prime - 1)`
fn crt_exponent(d: &[u8], prime: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let less = number::less_one(prime)?;
    let d = number::number(d)?;
    Some(number::bytes(&*number::modulo(&d, &less)?))
}

/// `DSAPrivateKey` of OpenSSL: version, p, q, g, y, x.
pub(crate) fn dsa(content: &[u8], at: usize) -> Result<Asn1Key, Fault> {
    let mut outer = Der::new(content, at);
    let mut seq = outer.sequence("a DSA private key")?;
    outer.end("the end behind the DSA key")?;
    seq.small("the version")?;
    let at = seq.at;
    let p = seq.integer("DSA p")?;
    let q = seq.integer("DSA q")?;
    let g = seq.integer("DSA g")?;
    let y = seq.integer("DSA y")?;
    let x = seq.integer("the DSA private number")?;
    seq.end("the end of the DSA key")?;
    Ok(Asn1Key {
        public: numbers(b"ssh-dss", &[p, q, g, y], at)?,
        secret: Secret::Dsa { x: owned(x) },
        misfit: None,
    })
}

/// The private number of a DSA key in PKCS#8, beside its parameters.
pub(crate) fn dsa_pkcs8(mut params: Der<'_>, inner: &Der<'_>) -> Result<Asn1Key, Fault> {
    let mut params = params.sequence("the DSA parameters")?;
    let at = params.at;
    let p = params.integer("DSA p")?;
    let q = params.integer("DSA q")?;
    let g = params.integer("DSA g")?;
    let mut inner = inner.clone();
    let x = inner.integer("the DSA private number")?;
    inner.end("the end of the DSA key")?;
    let y = (|| {
        let (g, x, p) = (number::number(g)?, number::number(x)?, number::number(p)?);
        Some(number::bytes(&*number::power(&g, &x, &p)?))
    })()
    .ok_or_else(|| expected(at, "an odd DSA prime"))?;
    Ok(Asn1Key {
        public: numbers(b"ssh-dss", &[p, q, g, &y], at)?,
        secret: Secret::Dsa { x: owned(x) },
        misfit: None,
    })
}

/// `ECPrivateKey`; the curve may be named outside of it.
pub(crate) fn ec(content: &[u8], at: usize, named: Option<Curve>) -> Result<Asn1Key, Fault> {
    let mut outer = Der::new(content, at);
    let mut seq = outer.sequence("an EC private key")?;
    outer.end("the end behind the EC key")?;
    let version_at = seq.at;
    if seq.small("the version")? != 1 {
        return Err(expected(version_at, "version 1 of an EC key"));
    }
    let secret = seq.next(OCTET_STRING, "the EC scalar")?;
    let mut curve = named;
    let params_at = seq.at;
    if let Some(mut params) = seq.optional(0xa0, "the curve")? {
        curve = Some(curve_id(&mut params)?);
    }
    let curve =
        curve.ok_or_else(|| unsupported(params_at, "an EC key whose curve is not named"))?;
    let number = scalar(curve, secret.rest)
        .ok_or_else(|| expected(secret.at, "an EC scalar that its curve can have"))?;
    let point_at = seq.at;
    let public = match seq.optional(0xa1, "the public key")? {
        Some(mut bits) => {
            let bits = bits.bits("the public key")?;
            point(curve, bits.rest, bits.at)?
        }
        None => {
            let derived = ecdsa_point(curve, &number)
                .ok_or_else(|| expected(secret.at, "an EC scalar that its curve can have"))?;
            point(curve, &derived, point_at)?
        }
    };
    seq.end("the end of the EC key")?;
    Ok(Asn1Key {
        public,
        secret: Secret::Ecdsa {
            curve,
            scalar: number,
        },
        misfit: None,
    })
}

/// The Ed25519 key of a seed.
pub(crate) fn ed25519(seed: &Der<'_>) -> Result<Asn1Key, Fault> {
    let bytes: [u8; 32] = seed
        .rest
        .try_into()
        .map_err(|_| expected(seed.at, "an Ed25519 seed of 32 bytes"))?;
    let seed_bytes = Zeroizing::new(bytes);
    let key = ed25519_dalek::SigningKey::from_bytes(&seed_bytes);
    Ok(Asn1Key {
        public: strings(&[b"ssh-ed25519", key.verifying_key().as_bytes()], seed.at)?,
        secret: Secret::Ed25519 { seed: seed_bytes },
        misfit: None,
    })
}

/// The Ed448 key of a seed.
pub(crate) fn ed448(seed: &Der<'_>) -> Result<Asn1Key, Fault> {
    let fault = || expected(seed.at, "an Ed448 seed of 57 bytes");
    let bytes: [u8; 57] = seed.rest.try_into().map_err(|_| fault())?;
    let seed_bytes = Zeroizing::new(bytes);
    let key = ed448_goldilocks::SigningKey::try_from(seed_bytes.as_slice()).map_err(|_| fault())?;
    let public = key.verifying_key().to_bytes();
    Ok(Asn1Key {
        public: strings(&[b"ssh-ed448", &public], seed.at)?,
        secret: Secret::Ed448 { seed: seed_bytes },
        misfit: None,
    })
}

const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];

/// The curve that an OID names.
pub(crate) fn curve_id(params: &mut Der<'_>) -> Result<Curve, Fault> {
    let at = params.at;
    if params.peek() != Some(OID) {
        return Err(unsupported(at, "an EC key whose curve is not named"));
    }
    match params.next(OID, "the curve")?.rest {
        P256 => Ok(Curve::P256),
        P384 => Ok(Curve::P384),
        P521 => Ok(Curve::P521),
        _ => Err(unsupported(at, "an EC key on a curve that SSH has not")),
    }
}

/// The OID of a curve, as an element.
pub(crate) fn curve_oid(curve: Curve) -> Zeroizing<Vec<u8>> {
    der::element(
        OID,
        &[match curve {
            Curve::P256 => P256,
            Curve::P384 => P384,
            Curve::P521 => P521,
        }],
    )
}

/// Texts of which every wrong passphrase gives none, and nearly every right one gives some: the
/// usual RSA exponent, the OIDs of curves and algorithms.
pub(crate) fn is_key_text(plain: &[u8]) -> bool {
    const TELLTALES: [&[u8]; 6] = [
        &[0x02, 0x03, 0x01, 0x00, 0x01, 0x02],
        P256,
        &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00],
        &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01],
        &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01],
        &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65],
    ];
    // A SEQUENCE that fills the text up to its padding, or begins with a version.
    let mut whole = Der::new(plain, 0);
    let fills = whole.sequence("a key").is_ok() && plain.len() >= 32 && whole.rest.len() <= 16;
    let begins = matches!(
        plain,
        [0x30, 0x82, _, _, 0x02, 0x01, 0 | 1, ..]
            | [0x30, 0x81, _, 0x02, 0x01, 0 | 1, ..]
            | [0x30, 0x20..=0x7f, 0x02, 0x01, 0 | 1, ..]
    );
    let holds = |t: &&[u8]| plain.windows(t.len()).any(|w| w == *t);
    fills || begins || TELLTALES.iter().any(holds)
}

/// `RSAPrivateKey`, `DSAPrivateKey` or `ECPrivateKey` of a key; None for other kinds.
/// `named` says whether an EC key names its curve inside.
pub(crate) fn write(
    public: &PublicKey,
    secret: &Secret,
    named: bool,
) -> Option<Zeroizing<Vec<u8>>> {
    match (public.material(), secret) {
        (Material::Rsa { e, n }, Secret::Rsa { d, p, q, iqmp }) => {
            let dp = crt_exponent(d, p)?;
            let dq = crt_exponent(d, q)?;
            let parts = [&[][..], n, e, d, p, q, &dp, &dq, iqmp].map(der::integer);
            Some(der::sequence(&parts.each_ref().map(|p| p.as_slice())))
        }
        (Material::Dsa { pqgy: [p, q, g, y] }, Secret::Dsa { x }) => {
            let parts = [&[][..], p, q, g, y, x].map(der::integer);
            Some(der::sequence(&parts.each_ref().map(|p| p.as_slice())))
        }
        (Material::Ecdsa { point, .. }, Secret::Ecdsa { curve, scalar }) => {
            let scalar = self::scalar(*curve, trim_zeros(scalar))?;
            let params = der::element(0xa0, &[&curve_oid(*curve)]);
            let point = der::element(0xa1, &[&der::element(BIT_STRING, &[&[0], point])]);
            Some(der::sequence(&[
                &der::integer(&[1]),
                &der::element(OCTET_STRING, &[&scalar]),
                if named { &params } else { &[] },
                &point,
            ]))
        }
        _ => None,
    }
}
