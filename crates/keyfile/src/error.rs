//! Why a file is not read, and why a key is not unlocked.

use crate::secret::Inconsistent;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use sshwhy_keys::base64::Base64Error;
use sshwhy_keys::{BlobError, Format, LoadError};

/// Where and why a private key file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line at fault, from 1.
    pub line: usize,
    /// Byte offset of the fault in the data as given, as near as can be told.
    pub offset: usize,
    /// The format that was recognised, if any.
    pub format: Option<Format>,
    /// What was wrong.
    pub kind: FileErrorKind,
}

/// The ways in which a private key file is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileErrorKind {
    /// No private key in it: what the file is instead.
    NotPrivate(Option<Format>),
    /// The file is empty.
    Empty,
    /// The file ends within this part.
    Truncated(&'static str),
    /// A part that the format needs is not there.
    Missing(&'static str),
    /// A value is not what the format has there.
    Expected {
        /// What the format has there.
        expected: &'static str,
        /// What was found; never of a private part.
        found: Vec<u8>,
    },
    /// A count of lines does not fit the lines.
    LineCount {
        /// The header: `Public-Lines`.
        header: &'static str,
        /// What it says.
        says: u32,
        /// How many lines of base64 follow.
        found: u32,
    },
    /// The base64 is broken. The offset counts within the joined base64 text.
    Base64(Base64Error),
    /// The public key inside is broken.
    Public(BlobError),
    /// The decoded content is broken at this byte of it.
    Structure {
        /// Byte offset in the decoded content.
        at: usize,
        /// What the format has there.
        expected: &'static str,
    },
    /// A format, cipher, key derivation or kind of key that is not read here.
    Unsupported(Vec<u8>),
    /// A limit of this program, with what it is.
    TooBig(&'static str),
    /// The public reader refused the file.
    Load(Box<LoadError>),
}

/// Why a private key is not unlocked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnlockError {
    /// The file is encrypted and no passphrase was given.
    PassphraseNeeded,
    /// The passphrase is wrong: all that can be told without it says that the file is whole. A
    /// changed salt or cost alone would look the same.
    WrongPassphrase,
    /// The passphrase is wrong, or the file was changed: the format cannot tell them apart.
    WrongOrDamaged {
        /// Why damage is likely, where something besides the check says so.
        hint: Option<&'static str>,
    },
    /// The file is not encrypted and its MAC does not fit: something in it was changed.
    MacMismatch {
        /// What was changed, where it can be told (`"the comment"`, `"the version"`).
        changed: Option<&'static str>,
    },
    /// The content behind the encryption is broken.
    Damaged(FileError),
    /// The private half is not that of the public half.
    Inconsistent(Inconsistent),
    /// A cipher, key derivation or cost that this program does not take.
    Unsupported(&'static str),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if let Some(format) = &self.format {
            write!(f, "{format}: ")?;
        }
        match &self.kind {
            FileErrorKind::NotPrivate(Some(format)) => {
                write!(f, "expected a private key, found {format}")
            }
            FileErrorKind::NotPrivate(None) => f.write_str("expected a private key, found none"),
            FileErrorKind::Empty => f.write_str("expected a private key, found an empty file"),
            FileErrorKind::Truncated(what) => write!(f, "the file ends within {what}"),
            FileErrorKind::Missing(what) => write!(f, "{what} is missing"),
            FileErrorKind::Expected { expected, found } => {
                write!(f, "expected {expected}, found \"{}\"", found.escape_ascii())
            }
            FileErrorKind::LineCount {
                header,
                says,
                found,
            } => write!(
                f,
                "{header} says {says}, and {found} lines of base64 follow"
            ),
            FileErrorKind::Base64(e) => e.fmt(f),
            FileErrorKind::Public(e) => e.fmt(f),
            FileErrorKind::Structure { at, expected } => {
                write!(f, "expected {expected} at byte {at} of its content")
            }
            FileErrorKind::Unsupported(what) => {
                write!(f, "not known here: {}", what.escape_ascii())
            }
            FileErrorKind::TooBig(what) => write!(f, "too big: {what}"),
            FileErrorKind::Load(e) => e.fmt(f),
        }
    }
}

impl core::error::Error for FileError {}

impl fmt::Display for UnlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnlockError::PassphraseNeeded => f.write_str("encrypted, and no passphrase was given"),
            UnlockError::WrongPassphrase => f.write_str("wrong passphrase"),
            UnlockError::WrongOrDamaged { hint } => {
                f.write_str("wrong passphrase, or the file was changed")?;
                hint.map_or(Ok(()), |h| write!(f, ": {h}"))
            }
            UnlockError::MacMismatch { changed } => {
                f.write_str("the MAC does not fit: the file was changed")?;
                changed.map_or(Ok(()), |c| write!(f, " ({c})"))
            }
            UnlockError::Damaged(e) => e.fmt(f),
            UnlockError::Inconsistent(why) => why.fmt(f),
            UnlockError::Unsupported(what) => write!(f, "not done here: {what}"),
        }
    }
}

impl core::error::Error for UnlockError {}
