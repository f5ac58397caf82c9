//! Key revocation lists (PROTOCOL.krl), as sshd's krl.c reads them.

use crate::error::BlobError;
use crate::fingerprint;
use crate::public::PublicKey;
use crate::verify::{self, SigError};
use crate::wire::Reader;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;

/// The eight bytes that make sshd read a RevokedKeys file as a KRL.
pub const MAGIC: &[u8; 8] = b"SSHKRL\n\0";

/// Whether sshd reads this RevokedKeys file as a KRL; else it is a text list
/// (see [`crate::revoked_lines`]).
#[must_use]
pub fn is_krl(file: &[u8]) -> bool {
    file.starts_with(MAGIC)
}

/// Where and why a KRL is refused. sshd then refuses every key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KrlError {
    /// Byte offset in the file.
    pub offset: usize,
    /// What was wrong there.
    pub kind: KrlErrorKind,
}

/// The ways in which `ssh_krl_from_blob` refuses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KrlErrorKind {
    /// The first eight bytes are not [`MAGIC`].
    Magic,
    /// A format version other than 1.
    Version(u32),
    /// An item that does not read; the inner offset is the file's too.
    Item(BlobError),
    /// A section type that sshd does not know.
    Section(u8),
    /// A section type within a certificate section that sshd does not know.
    CertificateSection(u8),
    /// A fingerprint of another length.
    HashLength {
        /// Bytes it must have.
        expected: usize,
        /// Bytes it has.
        found: usize,
    },
    /// Serial 0, or a range that ends before it begins.
    Serial {
        /// First serial.
        lo: u64,
        /// Last serial.
        hi: u64,
    },
    /// A bitmap that reaches beyond the last serial number.
    BitmapWraps,
    /// Bytes left in a section.
    TrailingData {
        /// How many.
        len: usize,
    },
    /// A critical extension; none is known to any sshd.
    CriticalExtension(Vec<u8>),
    /// A section behind a signature.
    AfterSignature,
    /// A signature that does not hold, or that cannot be checked here.
    Signature(SigError),
}

impl fmt::Display for KrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use KrlErrorKind as K;
        match &self.kind {
            K::Magic => write!(f, "not a KRL: it does not begin with \"SSHKRL\\n\\0\""),
            K::Version(v) => write!(f, "KRL format version {v}, 1 expected"),
            K::Item(e) => return write!(f, "KRL: {e}"),
            K::Section(t) => write!(f, "unknown KRL section {t}"),
            K::CertificateSection(t) => write!(f, "unknown KRL certificate section {t:#04x}"),
            K::HashLength { expected, found } => {
                write!(f, "fingerprint of {found} bytes, {expected} expected")
            }
            K::Serial { lo, hi } => write!(f, "serials {lo} to {hi} cannot be revoked"),
            K::BitmapWraps => write!(f, "serial bitmap reaches beyond the last serial number"),
            K::TrailingData { len } => write!(f, "{len} bytes left in a KRL section"),
            K::CriticalExtension(n) => write!(f, "critical extension \"{}\"", n.escape_ascii()),
            K::AfterSignature => write!(f, "a KRL section stands behind a signature"),
            K::Signature(e) => write!(f, "KRL signature: {e}"),
        }?;
        write!(f, " (offset {})", self.offset)
    }
}

impl core::error::Error for KrlError {}

impl KrlError {
    /// The words sshd prints behind `in revoked keys file F: ` (ssherr.c).
    #[must_use]
    pub fn sshd_text(&self) -> &'static str {
        use crate::error::BlobErrorKind as B;
        match &self.kind {
            KrlErrorKind::Magic => "KRL file has invalid magic number",
            KrlErrorKind::Item(e) => match e.kind {
                B::Truncated { .. } => "incomplete message",
                B::StringTooLong { .. } => "string is too large",
                B::NegativeMpint { .. } => "bignum is negative",
                B::MpintTooLarge { .. } => "bignum is too large",
                _ => e.sshd_text(),
            },
            KrlErrorKind::Serial { .. } => "invalid argument",
            KrlErrorKind::CriticalExtension(_) => "requested feature not supported",
            KrlErrorKind::Signature(e) => e.sshd_text(),
            _ => "invalid format",
        }
    }
}

/// A parsed KRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Krl {
    /// Version number of the list.
    pub version: u64,
    /// When it was made: seconds since 1970-01-01T00:00:00Z.
    pub generated: u64,
    /// Free text.
    pub comment: Vec<u8>,
    /// Why OpenSSH before 9.4 refuses this KRL: an extension section, which it
    /// does not know, or a signature that does not hold. Since 9.4 signatures
    /// are passed over and extensions read.
    pub refused_before_9_4: Option<KrlError>,
    keys: BTreeSet<Vec<u8>>,
    sha1: BTreeSet<Vec<u8>>,
    sha256: BTreeSet<Vec<u8>>,
    authorities: Vec<Authority>,
}

/// What is revoked of one CA, or of any (`ca` empty).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    ca: Option<PublicKey>,
    ranges: Vec<(u64, u64)>,
    bitmaps: Vec<(u64, Vec<u8>)>,
    key_ids: BTreeSet<Vec<u8>>,
}

/// Which of the two keys of a login is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// The offered key or certificate.
    Key,
    /// The CA key of the offered certificate.
    CaKey,
}

/// The entry of a KRL that revokes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Entry {
    /// SHA-1 fingerprint of the plain key.
    Sha1,
    /// SHA-256 fingerprint of the plain key.
    Sha256,
    /// The plain key itself.
    ExplicitKey,
    /// The certificate's serial number is in this range (a bit of a bitmap is
    /// a range of one).
    Serial {
        /// First serial of the entry.
        lo: u64,
        /// Last serial of the entry.
        hi: u64,
        /// Whether the entry counts for any CA.
        any_ca: bool,
    },
    /// The certificate's key id.
    KeyId {
        /// Whether the entry counts for any CA.
        any_ca: bool,
    },
}

/// Why a key is revoked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Why {
    /// Whose revocation it is.
    pub what: Revoked,
    /// Which kind of entry says so.
    pub entry: Entry,
}

impl Krl {
    /// Parses a KRL as strictly as sshd (`ssh_krl_from_blob`).
    pub fn parse(file: &[u8]) -> Result<Krl, KrlError> {
        if !is_krl(file) {
            return Err(KrlError {
                offset: 0,
                kind: KrlErrorKind::Magic,
            });
        }
        let mut r = Reader::at(file.get(MAGIC.len()..).unwrap_or_default(), MAGIC.len());
        let at = r.offset();
        let format = r.u32("format version")?;
        if format != 1 {
            return Err(KrlError {
                offset: at,
                kind: KrlErrorKind::Version(format),
            });
        }
        let mut krl = Krl {
            version: r.u64("KRL version")?,
            generated: r.u64("generation date")?,
            comment: {
                r.u64("flags")?;
                r.string("reserved")?;
                r.cstring("comment")?.to_owned()
            },
            refused_before_9_4: None,
            keys: BTreeSet::new(),
            sha1: BTreeSet::new(),
            sha256: BTreeSet::new(),
            authorities: Vec::new(),
        };
        let mut signed = false;
        while !r.is_empty() {
            let at = r.offset();
            let kind = r.u8("section type")?;
            let mut section = r.nested("section")?;
            if signed && kind != 4 {
                krl.refuse_before_9_4(at, KrlErrorKind::AfterSignature);
            }
            match kind {
                1 => krl.certificates(&mut section)?,
                2 => blobs(&mut section, &mut krl.keys, None)?,
                3 => blobs(&mut section, &mut krl.sha1, Some(20))?,
                5 => blobs(&mut section, &mut krl.sha256, Some(32))?,
                4 => {
                    signed = true;
                    let signed_to = r.offset();
                    let signature = r.string("signature")?;
                    let covered = file.get(..signed_to).unwrap_or_default();
                    krl.check_signature(&section, signature, covered);
                    continue;
                }
                255 => {
                    extension(&mut section)?;
                    krl.refuse_before_9_4(at, KrlErrorKind::Section(kind));
                }
                other => {
                    return Err(KrlError {
                        offset: at,
                        kind: KrlErrorKind::Section(other),
                    });
                }
            }
            finish(&section)?;
        }
        Ok(krl)
    }

    /// Whether sshd refuses this key, and by which entry (`ssh_krl_check_key`:
    /// the key, then the CA key of a certificate).
    #[must_use]
    pub fn is_revoked(&self, key: &PublicKey) -> Option<Why> {
        if let Some(entry) = self.entry_for(key) {
            return Some(Why {
                what: Revoked::Key,
                entry,
            });
        }
        let entry = self.entry_for(key.certificate()?.ca_key())?;
        Some(Why {
            what: Revoked::CaKey,
            entry,
        })
    }

    /// How many entries name keys, fingerprints, serial ranges and key ids.
    #[must_use]
    pub fn len(&self) -> usize {
        let of_ca = |a: &Authority| {
            let bits = a
                .bitmaps
                .iter()
                .flat_map(|(_, m)| m)
                .map(|b| b.count_ones() as usize);
            a.ranges
                .len()
                .saturating_add(a.key_ids.len())
                .saturating_add(bits.sum())
        };
        let certs: usize = self.authorities.iter().map(of_ca).sum();
        let keys = [&self.keys, &self.sha1, &self.sha256]
            .into_iter()
            .map(BTreeSet::len);
        certs.saturating_add(keys.sum())
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn entry_for(&self, key: &PublicKey) -> Option<Entry> {
        let plain = key.plain_blob();
        if !self.sha1.is_empty() && self.sha1.contains(fingerprint::sha1_raw(plain).as_slice()) {
            return Some(Entry::Sha1);
        }
        if !self.sha256.is_empty()
            && self
                .sha256
                .contains(fingerprint::sha256_raw(plain).as_slice())
        {
            return Some(Entry::Sha256);
        }
        if self.keys.contains(plain) {
            return Some(Entry::ExplicitKey);
        }
        let cert = key.certificate()?;
        let of = |ca: Option<&PublicKey>| {
            self.authorities
                .iter()
                .find(|a| a.ca.as_ref().map(PublicKey::plain_blob) == ca.map(PublicKey::plain_blob))
        };
        [of(Some(cert.ca_key())), of(None)]
            .into_iter()
            .flatten()
            .find_map(|a| a.revokes(cert.serial, &cert.key_id))
    }

    fn certificates(&mut self, r: &mut Reader<'_>) -> Result<(), KrlError> {
        let mut ca = r.nested("CA key")?;
        let ca_at = ca.offset();
        r.string("reserved")?;
        let ca = if ca.is_empty() {
            None
        } else {
            let left = ca.rest().len();
            let blob = ca.take(left, "CA key")?;
            Some(
                PublicKey::from_blob_verified(blob)
                    .map_err(|e| KrlError::from(e.shifted(ca_at)))?,
            )
        };
        let mut new = Authority {
            ca,
            ranges: Vec::new(),
            bitmaps: Vec::new(),
            key_ids: BTreeSet::new(),
        };
        while !r.is_empty() {
            let at = r.offset();
            let kind = r.u8("certificate section type")?;
            let mut s = r.nested("certificate section")?;
            match kind {
                0x20 => {
                    while !s.is_empty() {
                        let at = s.offset();
                        let serial = s.u64("serial")?;
                        new.add_range(at, serial, serial)?;
                    }
                }
                0x21 => {
                    let at = s.offset();
                    let (lo, hi) = (s.u64("first serial")?, s.u64("last serial")?);
                    new.add_range(at, lo, hi)?;
                }
                0x22 => {
                    let at = s.offset();
                    let lo = s.u64("first serial")?;
                    let bits = s.mpint("serial bitmap")?;
                    new.add_bitmap(at, lo, bits)?;
                }
                0x23 => {
                    while !s.is_empty() {
                        new.key_ids.insert(s.cstring("key id")?.to_owned());
                    }
                }
                0x39 => {
                    extension(&mut s)?;
                    self.refuse_before_9_4(at, KrlErrorKind::CertificateSection(kind));
                }
                other => {
                    return Err(KrlError {
                        offset: at,
                        kind: KrlErrorKind::CertificateSection(other),
                    });
                }
            }
            finish(&s)?;
        }
        match self.authorities.iter_mut().find(|a| a.ca == new.ca) {
            Some(same) => {
                same.ranges.append(&mut new.ranges);
                same.bitmaps.append(&mut new.bitmaps);
                same.key_ids.append(&mut new.key_ids);
            }
            None => self.authorities.push(new),
        }
        Ok(())
    }

    fn refuse_before_9_4(&mut self, offset: usize, kind: KrlErrorKind) {
        self.refused_before_9_4
            .get_or_insert(KrlError { offset, kind });
    }

    fn check_signature(&mut self, key: &Reader<'_>, signature: &[u8], covered: &[u8]) {
        match PublicKey::from_blob_verified(key.rest()) {
            Err(e) => {
                let e = e.shifted(key.offset());
                self.refuse_before_9_4(e.offset, KrlErrorKind::Item(e));
            }
            Ok(key) => {
                if let Err(e) = verify::verify(&key, signature, covered) {
                    self.refuse_before_9_4(covered.len(), KrlErrorKind::Signature(e));
                }
            }
        }
    }
}

impl Authority {
    fn add_range(&mut self, offset: usize, lo: u64, hi: u64) -> Result<(), KrlError> {
        if lo == 0 || lo > hi {
            return Err(KrlError {
                offset,
                kind: KrlErrorKind::Serial { lo, hi },
            });
        }
        self.ranges.push((lo, hi));
        Ok(())
    }

    /// Bit 0 of the big-endian number stands for serial `lo`.
    fn add_bitmap(&mut self, offset: usize, lo: u64, bits: &[u8]) -> Result<(), KrlError> {
        let highest = u64::from(crate::wire::bit_len(bits)).saturating_sub(1);
        if lo.checked_add(highest).is_none() {
            return Err(KrlError {
                offset,
                kind: KrlErrorKind::BitmapWraps,
            });
        }
        if lo == 0 && bits.last().is_some_and(|b| b & 1 != 0) {
            return Err(KrlError {
                offset,
                kind: KrlErrorKind::Serial { lo, hi: lo },
            });
        }
        self.bitmaps.push((lo, bits.to_owned()));
        Ok(())
    }

    /// `is_cert_revoked`: the key id, then the serial unless that is zero.
    fn revokes(&self, serial: u64, key_id: &[u8]) -> Option<Entry> {
        let any_ca = self.ca.is_none();
        if self.key_ids.contains(key_id) {
            return Some(Entry::KeyId { any_ca });
        }
        if serial == 0 {
            return None;
        }
        if let Some(&(lo, hi)) = self
            .ranges
            .iter()
            .find(|(lo, hi)| (lo..=hi).contains(&&serial))
        {
            return Some(Entry::Serial { lo, hi, any_ca });
        }
        let set = |&(lo, ref bits): &(u64, Vec<u8>)| {
            let bit = serial.checked_sub(lo)?;
            let byte = bits.iter().rev().nth(usize::try_from(bit / 8).ok()?)?;
            (byte & (1 << (bit % 8)) != 0).then_some(())
        };
        self.bitmaps.iter().find_map(set)?;
        Some(Entry::Serial {
            lo: serial,
            hi: serial,
            any_ca,
        })
    }
}

fn blobs(
    r: &mut Reader<'_>,
    into: &mut BTreeSet<Vec<u8>>,
    len: Option<usize>,
) -> Result<(), KrlError> {
    while !r.is_empty() {
        let offset = r.offset();
        let blob = r.string("revoked key")?;
        if let Some(expected) = len.filter(|&l| l != blob.len()) {
            let kind = KrlErrorKind::HashLength {
                expected,
                found: blob.len(),
            };
            return Err(KrlError { offset, kind });
        }
        into.insert(blob.to_owned());
    }
    Ok(())
}

/// `extension_section` of OpenSSH 9.4: name, critical?, value.
fn extension(r: &mut Reader<'_>) -> Result<(), KrlError> {
    let offset = r.offset();
    let name = r.cstring("extension name")?;
    let critical = r.u8("critical flag")?;
    r.string("extension value")?;
    finish(r)?;
    if critical != 0 {
        return Err(KrlError {
            offset,
            kind: KrlErrorKind::CriticalExtension(name.to_owned()),
        });
    }
    Ok(())
}

fn finish(r: &Reader<'_>) -> Result<(), KrlError> {
    if r.is_empty() {
        return Ok(());
    }
    Err(KrlError {
        offset: r.offset(),
        kind: KrlErrorKind::TrailingData {
            len: r.rest().len(),
        },
    })
}

impl From<BlobError> for KrlError {
    fn from(e: BlobError) -> Self {
        KrlError {
            offset: e.offset,
            kind: KrlErrorKind::Item(e),
        }
    }
}
