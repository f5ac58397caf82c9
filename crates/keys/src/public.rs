//! A public key, plain or certificate, from its blob.

use crate::cert::Certificate;
use crate::error::{BlobError, BlobErrorKind as K};
use crate::fingerprint;
use crate::types::{Curve, KeyType};
use crate::verify;
use crate::wire::{Reader, bit_len, put_mpint, put_string, trim_zeros};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A public key as sshd's `sshkey_from_blob` sees it.
///
/// To find an offered key among many lines, compare the decoded bytes of each
/// line with [`PublicKey::blob`]; nothing of the lines has to be parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey {
    blob: Vec<u8>,
    /// The plain key as sshd would write it, where that is not `blob` itself.
    plain: Option<Vec<u8>>,
    key_type: KeyType,
    pub(crate) material: Material,
    certificate: Option<Box<Certificate>>,
}

/// The numbers of a public key. Magnitudes have no leading zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Material {
    /// RFC 4253 §6.6
    Rsa {
        /// Public exponent, big endian.
        e: Vec<u8>,
        /// Modulus, big endian.
        n: Vec<u8>,
    },
    /// RFC 4253 §6.6
    Dsa {
        /// p, q, g and y, big endian.
        pqgy: [Vec<u8>; 4],
    },
    /// RFC 5656 §3.1; `application` is there for `sk-ecdsa-…` (PROTOCOL.u2f)
    Ecdsa {
        /// The curve.
        curve: Curve,
        /// `04 || x || y`
        point: Vec<u8>,
        /// The FIDO application, usually `ssh:`.
        application: Option<Vec<u8>>,
    },
    /// RFC 8709; `application` is there for `sk-ssh-ed25519@openssh.com`
    Ed25519 {
        /// The key.
        key: [u8; 32],
        /// The FIDO application, usually `ssh:`.
        application: Option<Vec<u8>>,
    },
    /// Formats whose inside is kept as it is: Ed448, ML-DSA-44+Ed25519, XMSS.
    Opaque(Vec<u8>),
}

impl PublicKey {
    /// Parses a blob as strictly as `sshkey_from_blob`, certificates included,
    /// but does not check a certificate's signature
    /// (see [`PublicKey::from_blob_verified`]).
    pub fn from_blob(blob: &[u8]) -> Result<PublicKey, BlobError> {
        Self::parse(blob, true)
    }

    /// [`PublicKey::from_blob`] plus the check of a certificate's CA signature,
    /// which sshd does each time it parses one.
    pub fn from_blob_verified(blob: &[u8]) -> Result<PublicKey, BlobError> {
        let key = Self::from_blob(blob)?;
        if let Some(cert) = key.certificate() {
            cert.verify_signature().map_err(|e| BlobError {
                offset: cert.signed_len(),
                kind: K::CaSignature(e),
            })?;
        }
        Ok(key)
    }

    /// As [`PublicKey::from_blob`], but a certificate is an error (CA keys).
    pub(crate) fn parse(blob: &[u8], allow_cert: bool) -> Result<PublicKey, BlobError> {
        let mut r = Reader::new(blob);
        let name = r.cstring("key type")?;
        let key_type = KeyType::from_blob_name(name);
        if key_type.is_cert() && !allow_cert {
            return Err(BlobError {
                offset: 0,
                kind: K::CaIsCertificate(key_type),
            });
        }
        if let KeyType::Other(_) = key_type {
            let name = name.to_owned();
            let old = KeyType::is_v00_name(&name);
            let kind = if old {
                K::OldCertificate(name)
            } else {
                K::UnknownType(name)
            };
            return Err(BlobError { offset: 0, kind });
        }
        let nonce = if key_type.is_cert() {
            r.string("nonce")?
        } else {
            &[]
        };
        let (material, key_type) = Material::read(&mut r, key_type, name)?;
        let mut plain = Vec::with_capacity(blob.len());
        material.write(&key_type.plain(), &mut plain);
        let certificate = if key_type.is_cert() {
            Some(Box::new(Certificate::read(blob, nonce, &mut r)?))
        } else {
            None
        };
        if !r.is_empty() {
            return Err(r.error(K::TrailingData {
                len: r.rest().len(),
            }));
        }
        Ok(PublicKey {
            plain: (plain != blob).then_some(plain),
            blob: blob.to_owned(),
            key_type,
            material,
            certificate,
        })
    }

    /// The blob as it was given.
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The blob of the plain key as sshd would write it: without the
    /// certificate around it, with the full type name and the shortest mpints.
    /// Two keys are the same to sshd (`sshkey_equal_public`) when these are equal.
    #[must_use]
    pub fn plain_blob(&self) -> &[u8] {
        self.plain.as_deref().unwrap_or(&self.blob)
    }

    /// Whether sshd holds the two for the same key, certificates aside.
    #[must_use]
    pub fn same_public(&self, other: &PublicKey) -> bool {
        self.plain_blob() == other.plain_blob()
    }

    /// The plain key of a certificate; a plain key is itself.
    #[must_use]
    pub fn to_plain(&self) -> PublicKey {
        PublicKey {
            blob: self.plain_blob().to_owned(),
            plain: None,
            key_type: self.key_type.plain(),
            material: self.material.clone(),
            certificate: None,
        }
    }

    /// The format; for ECDSA with its curve.
    #[must_use]
    pub fn key_type(&self) -> &KeyType {
        &self.key_type
    }

    /// The numbers of the key.
    #[must_use]
    pub fn material(&self) -> &Material {
        &self.material
    }

    /// The certificate, if the blob is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_deref()
    }

    /// Whether the blob is a certificate.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    /// Size in bits as `ssh-keygen -l` prints it (`sshkey_size`).
    #[must_use]
    pub fn bits(&self) -> u32 {
        match &self.material {
            Material::Rsa { n, .. } => bit_len(n),
            Material::Dsa { pqgy: [p, ..] } => bit_len(p),
            Material::Ecdsa { curve, .. } => curve.bits(),
            Material::Ed25519 { .. } => 256,
            Material::Opaque(_) => match self.key_type.plain() {
                KeyType::Ed448 => 448,
                KeyType::MlDsa44Ed25519 => 512,
                KeyType::MlDsa44Ed25519Draft => 256,
                _ => 0,
            },
        }
    }

    /// Bits of the RSA modulus, which RequiredRSASize is held against.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<u32> {
        matches!(self.material, Material::Rsa { .. }).then(|| self.bits())
    }

    /// The curve of an ECDSA key.
    #[must_use]
    pub fn curve(&self) -> Option<Curve> {
        match self.material {
            Material::Ecdsa { curve, .. } => Some(curve),
            _ => None,
        }
    }

    /// The FIDO application of an `sk-` key.
    #[must_use]
    pub fn application(&self) -> Option<&[u8]> {
        match &self.material {
            Material::Ecdsa { application, .. } | Material::Ed25519 { application, .. } => {
                application.as_deref()
            }
            _ => None,
        }
    }

    /// `SHA256:…` as `ssh-keygen -l` prints it; for a certificate, of its plain key.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint::sha256(self.plain_blob())
    }

    /// [`PublicKey::fingerprint`], behind what `out` holds: for lists of many.
    pub fn fingerprint_into(&self, out: &mut Vec<u8>) {
        fingerprint::sha256_into(self.plain_blob(), out);
    }

    /// `MD5:…` as `ssh-keygen -l -E md5` prints it; for a certificate, of its plain key.
    #[must_use]
    pub fn fingerprint_md5(&self) -> String {
        fingerprint::md5(self.plain_blob())
    }

    /// `SHA256:…` of the whole blob: differs from [`PublicKey::fingerprint`] for a certificate.
    #[must_use]
    pub fn blob_fingerprint(&self) -> String {
        fingerprint::sha256(&self.blob)
    }
}

impl Material {
    /// Reads what follows the type name (and nonce). The type comes back
    /// corrected where the name inside the blob was an alias.
    fn read(
        r: &mut Reader<'_>,
        key_type: KeyType,
        name: &[u8],
    ) -> Result<(Material, KeyType), BlobError> {
        let plain = key_type.plain();
        let material = match plain {
            KeyType::Rsa => {
                let e = r.mpint("RSA exponent")?.to_owned();
                let at = r.offset();
                let n = r.mpint("RSA modulus")?.to_owned();
                let bits = bit_len(&n);
                if bits < 1024 {
                    return Err(BlobError {
                        offset: at,
                        kind: K::RsaTooShort { bits },
                    });
                }
                Material::Rsa { e, n }
            }
            KeyType::Dsa => {
                let mut next = |what| r.mpint(what).map(ToOwned::to_owned);
                Material::Dsa {
                    pqgy: [
                        next("DSA p")?,
                        next("DSA q")?,
                        next("DSA g")?,
                        next("DSA y")?,
                    ],
                }
            }
            KeyType::EcdsaP256 | KeyType::EcdsaP384 | KeyType::EcdsaP521 | KeyType::SkEcdsaP256 => {
                // sshd finds the type by its short name but the curve by the full one.
                if let KeyType::Other(_) = KeyType::from_label(name) {
                    return Err(BlobError {
                        offset: 0,
                        kind: K::ShortName(name.to_owned()),
                    });
                }
                let curve = key_type.curve().unwrap_or(Curve::P256);
                let at = r.offset();
                let found = r.cstring("curve name")?;
                if found != curve.name().as_bytes() {
                    let kind = K::CurveMismatch {
                        expected: curve,
                        found: found.to_owned(),
                    };
                    return Err(BlobError { offset: at, kind });
                }
                let at = r.offset();
                let point = r.string("point")?;
                check_point(curve, point).map_err(|kind| BlobError { offset: at, kind })?;
                let application = application(r, plain == KeyType::SkEcdsaP256)?;
                Material::Ecdsa {
                    curve,
                    point: point.to_owned(),
                    application,
                }
            }
            KeyType::Ed25519 | KeyType::SkEd25519 => {
                let at = r.offset();
                let raw = r.string("Ed25519 key")?;
                let key = raw.try_into().map_err(|_| BlobError {
                    offset: at,
                    kind: K::KeyLength {
                        what: "Ed25519 key",
                        expected: 32,
                        found: raw.len(),
                    },
                })?;
                let application = application(r, plain == KeyType::SkEd25519)?;
                Material::Ed25519 { key, application }
            }
            KeyType::Ed448 => sized(r, "Ed448 key", 57)?,
            KeyType::MlDsa44Ed25519 | KeyType::MlDsa44Ed25519Draft => {
                sized(r, "ML-DSA-44+Ed25519 key", 1312 + 32)?
            }
            _ => {
                // XMSS: name, key; what follows differs between builds.
                let start = r.rest();
                r.cstring("XMSS name")?;
                r.string("XMSS key")?;
                let left = r.rest().len();
                if !key_type.is_cert() {
                    r.take(left, "XMSS options")?;
                }
                let used = start.len().saturating_sub(r.rest().len());
                Material::Opaque(start.get(..used).unwrap_or_default().to_owned())
            }
        };
        Ok((material, key_type))
    }

    /// Writes the blob of the plain key (`sshkey_to_blob`).
    fn write(&self, plain: &KeyType, out: &mut Vec<u8>) {
        put_string(out, plain.name());
        let app = match self {
            Material::Rsa { e, n } => {
                put_mpint(out, e);
                put_mpint(out, n);
                &None
            }
            Material::Dsa { pqgy } => {
                pqgy.iter().for_each(|v| put_mpint(out, v));
                &None
            }
            Material::Ecdsa {
                curve,
                point,
                application,
            } => {
                put_string(out, curve.name().as_bytes());
                put_string(out, point);
                application
            }
            Material::Ed25519 { key, application } => {
                put_string(out, key);
                application
            }
            Material::Opaque(raw) => {
                out.extend_from_slice(raw);
                &None
            }
        };
        if let Some(app) = app {
            put_string(out, app);
        }
    }
}

fn application(r: &mut Reader<'_>, is_sk: bool) -> Result<Option<Vec<u8>>, BlobError> {
    if is_sk {
        r.cstring("application").map(|a| Some(a.to_owned()))
    } else {
        Ok(None)
    }
}

fn sized(r: &mut Reader<'_>, what: &'static str, expected: usize) -> Result<Material, BlobError> {
    let at = r.offset();
    let key = r.string(what)?;
    if key.len() != expected {
        let kind = K::KeyLength {
            what,
            expected,
            found: key.len(),
        };
        return Err(BlobError { offset: at, kind });
    }
    let mut raw = Vec::with_capacity(key.len().saturating_add(4));
    put_string(&mut raw, key);
    Ok(Material::Opaque(raw))
}

/// `sshbuf_get_ec` and `sshkey_ec_validate_public`, in their order.
fn check_point(curve: Curve, point: &[u8]) -> Result<(), K> {
    let Some(&first) = point.first() else {
        return Err(K::PointTooLarge { len: 0 });
    };
    if point.len() > Curve::P521.point_len() {
        return Err(K::PointTooLarge { len: point.len() });
    }
    if first != 4 {
        return Err(K::PointForm { first });
    }
    if point.len() != curve.point_len() {
        return Err(K::PointLength {
            expected: curve.point_len(),
            found: point.len(),
        });
    }
    if !verify::on_curve(curve, point) {
        return Err(K::PointNotOnCurve);
    }
    let coordinates = point.get(1..).unwrap_or_default();
    let half = coordinates.len() / 2;
    let small = |c: &[u8]| bit_len(trim_zeros(c)) <= curve.bits() / 2;
    if coordinates.chunks_exact(half.max(1)).any(small) {
        return Err(K::PointRefused);
    }
    Ok(())
}
