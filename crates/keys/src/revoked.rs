//! The text form of a RevokedKeys file: one bare public key a line.
//!
//! sshd reads it afresh for every key offered (`sshkey_in_file`) and gives up
//! at the first line that is not a key, which refuses every key not listed
//! above that line. So each line has a result here.

use crate::base64::{self, Base64Error};
use crate::error::{BlobError, BlobErrorKind};
use crate::public::PublicKey;
use crate::types::KeyType;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// One line that sshd tries to read as a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedLine {
    /// Line number, from 1.
    pub line: usize,
    /// The line's bytes in the file, without its newline.
    pub span: Range<usize>,
    /// The key, or why sshd cannot read it.
    pub key: Result<PublicKey, LineError>,
}

impl RevokedLine {
    /// Whether every sshd stops here and refuses every key. RSA keys below 1024
    /// bits are passed over (OpenSSH 7.9 and later).
    ///
    /// A key whose format a build does not know (`ssh-dss` since 10.0, ML-DSA
    /// before 10.4, Ed448 always) stops that build too: the caller, who knows
    /// the build, has to hold [`PublicKey::key_type`] against it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match &self.key {
            Ok(_) => false,
            Err(LineError::Blob(e)) => !matches!(e.kind, BlobErrorKind::RsaTooShort { .. }),
            Err(_) => true,
        }
    }
}

/// Why a line is not `keytype base64 [comment]` (`sshkey_read`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineError {
    /// There is but one word; a line of only CR is one.
    OneWord,
    /// The first word is no key type; options are not allowed here.
    KeyType(Vec<u8>),
    /// Nothing behind the key type.
    NoKey,
    /// The second word is not base64. The offset counts within that word.
    Base64(Base64Error),
    /// The blob is not a key.
    Blob(BlobError),
    /// The blob's format is not the one the line names.
    TypeMismatch {
        /// The format of the line.
        label: KeyType,
        /// The format of the blob.
        blob: KeyType,
    },
}

impl LineError {
    /// The words sshd prints for this (ssherr.c).
    #[must_use]
    pub fn sshd_text(&self) -> &'static str {
        match self {
            LineError::Blob(e) => e.sshd_text(),
            LineError::TypeMismatch { label, blob } => {
                let same = label.short_name() == blob.short_name();
                if same {
                    "elliptic curve does not match"
                } else {
                    "key type does not match"
                }
            }
            _ => "invalid format",
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::OneWord => write!(f, "expected a key type and a key, found one word"),
            LineError::KeyType(w) => {
                write!(
                    f,
                    "expected a key type, found \"{}\"",
                    crate::veil::veiled_name(w).escape_ascii()
                )
            }
            LineError::NoKey => write!(f, "nothing behind the key type"),
            LineError::Base64(e) => write!(f, "the key is not base64: {e}"),
            LineError::Blob(e) => write!(f, "the key does not parse: {e}"),
            LineError::TypeMismatch { label, blob } => {
                write!(f, "the line says {label}, the key is {blob}")
            }
        }
    }
}

impl core::error::Error for LineError {}

/// The lines of a text list that sshd reads as keys, in order; blank and
/// comment lines are left out as sshd leaves them out: after blanks and tabs
/// comes `#`, the newline or a NUL. A line of blanks and a CR is *not* blank.
///
/// sshd stops at the first [`RevokedLine::is_fatal`]; the iterator goes on.
pub fn revoked_lines(file: &[u8]) -> impl Iterator<Item = RevokedLine> + '_ {
    let mut at = 0usize;
    file.split_inclusive(|&b| b == b'\n')
        .zip(1usize..)
        .filter_map(move |(raw, line)| {
            let start = at;
            at = at.saturating_add(raw.len());
            let text = trim_blanks(raw);
            if matches!(text.first(), None | Some(b'#' | b'\n' | 0)) {
                return None;
            }
            let end = if raw.ends_with(b"\n") {
                at.saturating_sub(1)
            } else {
                at
            };
            Some(RevokedLine {
                line,
                span: start..end,
                key: read_line(text).map(|(key, _)| key),
            })
        })
}

/// Reads `keytype base64 [comment]` as sshd's `sshkey_read` (a NUL ends the
/// line), and gives the key and the comment with its blanks cut in front.
pub fn read_line(line: &[u8]) -> Result<(PublicKey, &[u8]), LineError> {
    let line = line.split(|&b| b == 0).next().unwrap_or_default();
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let Some(space) = line.iter().position(blank) else {
        return Err(LineError::OneWord);
    };
    let (label, rest) = line.split_at_checked(space).unwrap_or((line, &[]));
    let wanted = KeyType::from_label(label);
    if let KeyType::Other(word) = wanted {
        return Err(LineError::KeyType(word));
    }
    let rest = trim_blanks(rest);
    if rest.is_empty() {
        return Err(LineError::NoKey);
    }
    let end = rest.iter().position(blank).unwrap_or(rest.len());
    let (text, comment) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    let blob = base64::decode(text).map_err(LineError::Base64)?;
    let key = PublicKey::from_blob_verified(&blob).map_err(LineError::Blob)?;
    if *key.key_type() != wanted {
        return Err(LineError::TypeMismatch {
            label: wanted,
            blob: key.key_type().to_owned(),
        });
    }
    Ok((key, trim_blanks(comment)))
}

fn trim_blanks(text: &[u8]) -> &[u8] {
    let n = text
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count();
    text.get(n..).unwrap_or_default()
}
