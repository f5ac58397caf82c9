//! OpenSSH certificates (PROTOCOL.certkeys), read as sshd's `cert_parse` does.

use crate::error::{BlobError, BlobErrorKind as K};
use crate::public::PublicKey;
use crate::types::SigAlg;
use crate::verify::{self, SigError};
use crate::wire::Reader;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// `SSHKEY_CERT_MAX_PRINCIPALS`
const MAX_PRINCIPALS: usize = 256;

/// Whom a certificate names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertType {
    /// `SSH2_CERT_TYPE_USER` (1)
    User,
    /// `SSH2_CERT_TYPE_HOST` (2)
    Host,
}

/// A critical option or an extension, its data undecoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertOption {
    /// Its name.
    pub name: Vec<u8>,
    /// Its data: empty for flags, else usually one string.
    pub data: Vec<u8>,
}

impl CertOption {
    /// The one string in the data, as sshd's `cert_option_list` reads it;
    /// bytes behind it are an error ("corrupt").
    pub fn value(&self) -> Result<Vec<u8>, BlobError> {
        let mut r = Reader::new(&self.data);
        let value = r.cstring("option value")?.to_owned();
        if r.is_empty() {
            Ok(value)
        } else {
            Err(r.error(K::TrailingData {
                len: r.rest().len(),
            }))
        }
    }
}

/// The certificate part of a key blob.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Certificate {
    /// Random bytes of the CA.
    pub nonce: Vec<u8>,
    /// Serial number; 0 when the CA gave none.
    pub serial: u64,
    /// User or host.
    pub cert_type: CertType,
    /// The key id, a free text of the CA.
    pub key_id: Vec<u8>,
    /// Principals; empty means none listed.
    pub principals: Vec<Vec<u8>>,
    /// First valid second since 1970-01-01T00:00:00Z; 0 for "always".
    pub valid_after: u64,
    /// First second no more valid; `u64::MAX` for "forever".
    pub valid_before: u64,
    /// Critical options in their order.
    pub critical_options: Vec<CertOption>,
    /// Extensions in their order.
    pub extensions: Vec<CertOption>,
    ca_key: Box<PublicKey>,
    signature: Vec<u8>,
    signed: Vec<u8>,
}

impl Certificate {
    /// Reads from behind the key material. `blob` is the whole, for the signed part.
    pub(crate) fn read(blob: &[u8], nonce: &[u8], r: &mut Reader<'_>) -> Result<Self, BlobError> {
        let serial = r.u64("serial")?;
        let type_at = r.offset();
        let cert_type = r.u32("certificate type")?;
        let key_id = r.cstring("key id")?.to_owned();
        let mut principals_in = r.nested("principals")?;
        let valid_after = r.u64("valid after")?;
        let valid_before = r.u64("valid before")?;
        let critical_in = r.nested("critical options")?;
        let extensions_in = r.nested("extensions")?;
        r.string("reserved")?;
        let ca = r.nested("CA key")?;
        let signed = blob.get(..r.consumed()).unwrap_or_default().to_owned();
        let signature = r.string("signature")?.to_owned();
        let cert_type = match cert_type {
            1 => CertType::User,
            2 => CertType::Host,
            other => {
                return Err(BlobError {
                    offset: type_at,
                    kind: K::CertificateType(other),
                });
            }
        };
        let mut principals = Vec::new();
        while !principals_in.is_empty() {
            if principals.len() >= MAX_PRINCIPALS {
                return Err(principals_in.error(K::TooManyPrincipals));
            }
            principals.push(principals_in.cstring("principal")?.to_owned());
        }
        let critical_options = options(critical_in, "critical option")?;
        let extensions = options(extensions_in, "extension")?;
        let ca_at = ca.offset();
        let ca_key = PublicKey::parse(ca.rest(), false).map_err(|e| match e.kind {
            kind @ K::CaIsCertificate(_) => BlobError {
                offset: ca_at,
                kind,
            },
            _ => BlobError {
                offset: ca_at,
                kind: K::CaKey(Box::new(e.shifted(ca_at))),
            },
        })?;
        Ok(Certificate {
            nonce: nonce.to_owned(),
            serial,
            cert_type,
            key_id,
            principals,
            valid_after,
            valid_before,
            critical_options,
            extensions,
            ca_key: Box::new(ca_key),
            signature,
            signed,
        })
    }

    /// The key that signed this certificate.
    #[must_use]
    pub fn ca_key(&self) -> &PublicKey {
        &self.ca_key
    }

    /// The signature: `string algorithm`, `string data`, and more for `sk-` CAs.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// How many bytes of the blob the signature covers.
    #[must_use]
    pub fn signed_len(&self) -> usize {
        self.signed.len()
    }

    /// The algorithm of the CA's signature, which CASignatureAlgorithms is held
    /// against. An error where the signature does not even begin with a name.
    pub fn signature_algorithm(&self) -> Result<SigAlg, BlobError> {
        Reader::new(&self.signature)
            .cstring("signature algorithm")
            .map(SigAlg::from_name)
    }

    /// Checks the CA's signature, as sshd does whenever it parses a certificate.
    pub fn verify_signature(&self) -> Result<(), SigError> {
        verify::verify(&self.ca_key, &self.signature, &self.signed)
    }

    /// The first critical option of that name.
    #[must_use]
    pub fn critical_option(&self, name: &[u8]) -> Option<&CertOption> {
        self.critical_options.iter().find(|o| o.name == name)
    }

    /// The first extension of that name.
    #[must_use]
    pub fn extension(&self, name: &[u8]) -> Option<&CertOption> {
        self.extensions.iter().find(|o| o.name == name)
    }

    /// Critical option `force-command`.
    #[must_use]
    pub fn force_command(&self) -> Option<Result<Vec<u8>, BlobError>> {
        self.critical_option(b"force-command")
            .map(CertOption::value)
    }

    /// Critical option `source-address`: a comma separated list of addresses and CIDR blocks.
    #[must_use]
    pub fn source_address(&self) -> Option<Result<Vec<u8>, BlobError>> {
        self.critical_option(b"source-address")
            .map(CertOption::value)
    }

    /// Critical option `verify-required`.
    #[must_use]
    pub fn verify_required(&self) -> bool {
        self.critical_option(b"verify-required").is_some()
    }

    /// Extension `no-touch-required`.
    #[must_use]
    pub fn no_touch_required(&self) -> bool {
        self.extension(b"no-touch-required").is_some()
    }
}

fn options(mut r: Reader<'_>, what: &'static str) -> Result<Vec<CertOption>, BlobError> {
    let mut found = Vec::new();
    while !r.is_empty() {
        let name = r.string(what)?.to_owned();
        let data = r.string(what)?.to_owned();
        found.push(CertOption { name, data });
    }
    Ok(found)
}
