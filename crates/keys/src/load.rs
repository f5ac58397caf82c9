//! The public key out of whatever file people hand in.

use crate::base64::{self, Base64Error};
use crate::cert::Certificate;
use crate::error::BlobError;
use crate::pem;
use crate::public::PublicKey;
use crate::revoked::{LineError, read_line};
use crate::sniff::{Block, Encoding, Format, Text, trim, words};
use crate::types::KeyType;
use crate::veil::veiled_name;
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
use zeroize::Zeroizing;

/// A public key and where it came from. Holds nothing private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedPublic {
    /// The key; a certificate where the file holds one.
    pub key: PublicKey,
    /// The comment that stands with it; empty where there is none, or where it
    /// is behind a passphrase.
    pub comment: Vec<u8>,
    /// The shape it was in.
    pub format: Format,
    /// The encoding of the file.
    pub encoding: Encoding,
    /// Whether the file holds a private key too.
    pub private: bool,
    /// Whether that private key is protected by a passphrase.
    pub encrypted: bool,
    /// The line it begins at, from 1.
    pub line: usize,
    /// What is odd about the file.
    pub notes: Vec<Note>,
}

impl LoadedPublic {
    /// The certificate, where the key is one.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.key.certificate()
    }
}

/// Something odd that did not keep the key from being read here, but may keep
/// sshd from reading it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Note {
    /// The file is in another encoding than plain bytes.
    Encoding(Encoding),
    /// Lines carry mail quotes.
    Quoted,
    /// The key stands among HTML tags.
    Html,
    /// The end line of the block is missing.
    Unterminated,
    /// More blocks with key material follow in the file.
    MoreBlocks(usize),
    /// The format named beside the key is not that of the key.
    TypeMismatch {
        /// The format named.
        label: Vec<u8>,
        /// The format of the key.
        key: KeyType,
    },
    /// The file does not hold the public half; it was computed from the private one.
    Derived,
}

/// Why no public key could be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoadError {
    /// The line of the block at fault, from 1.
    pub line: usize,
    /// Byte offset of that line in the data as given.
    pub offset: usize,
    /// The shape that was recognised, if any.
    pub format: Option<Format>,
    /// What was wrong.
    pub kind: LoadErrorKind,
}

/// The ways in which a file yields no public key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// Nothing in it looks like a key.
    NoKey,
    /// The file is empty.
    Empty,
    /// A part that the format needs is not there.
    Missing(&'static str),
    /// The base64 is broken. The offset counts within the joined base64 text.
    Base64(Base64Error),
    /// A one-line key is broken.
    Line(LineError),
    /// The key inside is broken.
    Blob(BlobError),
    /// A value is not what the format has there.
    Expected {
        /// What the format has there.
        expected: &'static str,
        /// What was found.
        found: Vec<u8>,
    },
    /// The structure of a DER or ssh.com block is broken at this byte of its content.
    Structure {
        /// Byte offset in the decoded content.
        at: usize,
        /// What the format has there.
        expected: &'static str,
    },
    /// The public half is behind the passphrase too; the `.pub` file beside it is needed.
    Encrypted,
    /// A format, or a kind of key in it, that has no public key for SSH or is not read here.
    Unsupported(&'static str),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        if let Some(format) = &self.format {
            write!(f, "{format}: ")?;
        }
        match &self.kind {
            LoadErrorKind::NoKey => write!(f, "expected a public or private key, found none"),
            LoadErrorKind::Empty => {
                write!(f, "expected a public or private key, found an empty file")
            }
            LoadErrorKind::Missing(what) => write!(f, "{what} is missing"),
            LoadErrorKind::Base64(e) => e.fmt(f),
            LoadErrorKind::Line(e) => e.fmt(f),
            LoadErrorKind::Blob(e) => e.fmt(f),
            LoadErrorKind::Expected { expected, found } => {
                write!(
                    f,
                    "expected {expected}, found \"{}\"",
                    veiled_name(found).escape_ascii()
                )
            }
            LoadErrorKind::Structure { at, expected } => {
                write!(f, "expected {expected} at byte {at} of its content")
            }
            LoadErrorKind::Encrypted => write!(
                f,
                "its public key cannot be read without the passphrase; give the .pub file instead"
            ),
            LoadErrorKind::Unsupported(what) => f.write_str(what),
        }
    }
}

impl core::error::Error for LoadError {}

/// What a block yields.
pub(crate) struct Yield {
    pub(crate) key: PublicKey,
    pub(crate) comment: Vec<u8>,
    pub(crate) encrypted: bool,
    pub(crate) notes: Vec<Note>,
}

impl Yield {
    pub(crate) fn of(blob: &[u8]) -> Result<Yield, LoadErrorKind> {
        let key = PublicKey::from_blob(blob).map_err(LoadErrorKind::Blob)?;
        Ok(Yield {
            key,
            comment: Vec::new(),
            encrypted: false,
            notes: Vec::new(),
        })
    }
}

/// Reads the first public key of `data`, out of any shape [`crate::sniff`] knows,
/// private key files included.
///
/// # Errors
/// Where several blocks fail, the error is that of the first.
pub fn load_public(data: &[u8]) -> Result<LoadedPublic, LoadError> {
    let fail = |line, offset, format, kind| {
        Err(LoadError {
            line,
            offset,
            format,
            kind,
        })
    };
    if data.iter().all(u8::is_ascii_whitespace) {
        return fail(1, 0, None, LoadErrorKind::Empty);
    }
    if crate::krl::is_krl(data) {
        let kind = LoadErrorKind::Unsupported("a list of revoked keys, not a key");
        return fail(1, 0, Some(Format::Krl), kind);
    }
    let text = Text::new(data);
    let blocks = text.blocks();
    let mut first_error = None;
    for (n, block) in blocks.iter().enumerate() {
        let left = blocks.len().saturating_sub(n).saturating_sub(1);
        match read(&text, block) {
            Ok(got) => return Ok(finish(&text, block, got, left)),
            Err(kind) => {
                first_error.get_or_insert(LoadError {
                    line: block.line,
                    offset: block.span.start,
                    format: Some(block.format.clone()),
                    kind,
                });
            }
        }
    }
    match first_error {
        Some(e) => Err(e),
        // A line whose first word is a key type says best what is wrong with it.
        None => {
            let line = (0..text.lines.len()).find(|&l| {
                text.get(l).is_some_and(|t| {
                    words(t)
                        .next()
                        .is_some_and(|w| !matches!(KeyType::from_label(w), KeyType::Other(_)))
                })
            });
            let (at, kind) = match line.and_then(|l| Some((l, read_line(text.get(l)?).err()?))) {
                Some((l, e)) => (l, LoadErrorKind::Line(e)),
                None => (0, LoadErrorKind::NoKey),
            };
            fail(at.saturating_add(1), text.offset(at), None, kind)
        }
    }
}

fn finish(text: &Text, block: &Block, got: Yield, left: usize) -> LoadedPublic {
    let mut notes = got.notes;
    if text.encoding != Encoding::Bytes {
        notes.push(Note::Encoding(text.encoding));
    }
    let flags = [
        (block.quoted, Note::Quoted),
        (block.html, Note::Html),
        (block.unterminated, Note::Unterminated),
        (left > 0, Note::MoreBlocks(left)),
    ];
    notes.extend(
        flags
            .into_iter()
            .filter_map(|(is, note)| is.then_some(note)),
    );
    LoadedPublic {
        key: got.key,
        comment: got.comment,
        private: block.format.is_private(),
        encrypted: got.encrypted,
        format: block.format.clone(),
        encoding: text.encoding,
        line: block.line,
        notes,
    }
}

fn read(text: &Text, block: &Block) -> Result<Yield, LoadErrorKind> {
    let inner = block.lines.start.saturating_add(1)..match block.unterminated {
        true => block.lines.end,
        false => block.lines.end.saturating_sub(1),
    };
    match &block.format {
        Format::PublicLine
        | Format::CertificateLine
        | Format::OptionsLine
        | Format::KnownHostsLine => key_line(text.get(block.lines.start).unwrap_or_default()),
        Format::BareBase64 => {
            let word = words(text.get(block.lines.start).unwrap_or_default()).next();
            Yield::of(&base64::decode(word.unwrap_or_default()).map_err(LoadErrorKind::Base64)?)
        }
        Format::Rfc4716 => {
            let (headers, body) = rfc4716_parts(text, inner);
            let mut got = Yield::of(&joined(text, body)?)?;
            got.comment = headers;
            Ok(got)
        }
        Format::Ppk { version, encrypted } => ppk(text, block, *version, *encrypted),
        Format::OpensshPrivate => pem::openssh(&joined(text, inner)?),
        Format::Pem {
            encrypted: true, ..
        } => Err(LoadErrorKind::Encrypted),
        Format::Pem { label, .. } => {
            // PEM headers (RFC 1421) end at a blank line.
            let start = text
                .range(inner.clone())
                .position(<[u8]>::is_empty)
                .filter(|&n| text.range(inner.clone()).take(n).all(|l| l.contains(&b':')))
                .map_or(0, |n| n.saturating_add(1));
            let body = inner.start.saturating_add(start)..inner.end;
            pem::by_label(label, || joined(text, body))
        }
        Format::SshCom => {
            let (comment, body) = rfc4716_parts(text, inner);
            let mut got = pem::ssh_com(&joined(text, body)?)?;
            got.comment = comment;
            Ok(got)
        }
        Format::Ssh1Line | Format::Ssh1Private => Err(LoadErrorKind::Unsupported(
            "keys of SSH protocol 1 are not understood by any current server",
        )),
        Format::Krl => Err(LoadErrorKind::Unsupported(
            "a list of revoked keys, not a key",
        )),
    }
}

/// The key of a line, whatever stands before its key type.
fn key_line(line: &[u8]) -> Result<Yield, LoadErrorKind> {
    let mut rest = line;
    loop {
        let word = words(rest).next().unwrap_or_default();
        if word.is_empty() {
            return Err(LoadErrorKind::Line(LineError::NoKey));
        }
        let at = rest
            .windows(word.len())
            .position(|w| w == word)
            .unwrap_or(0);
        let tail = rest
            .get(at.saturating_add(word.len())..)
            .unwrap_or_default();
        let next = words(tail).next().unwrap_or_default();
        let named = !matches!(KeyType::from_label(word), KeyType::Other(_));
        if named && next.starts_with(b"AAAA") {
            let blob =
                base64::decode(next).map_err(|e| LoadErrorKind::Line(LineError::Base64(e)))?;
            let mut got = Yield::of(&blob)?;
            if !got.key.key_type().matches_label(word) {
                let (label, key) = (word.to_owned(), got.key.key_type().clone());
                got.notes.push(Note::TypeMismatch { label, key });
            }
            let at = tail
                .windows(next.len())
                .position(|w| w == next)
                .unwrap_or(0);
            got.comment = trim(
                tail.get(at.saturating_add(next.len())..)
                    .unwrap_or_default(),
            )
            .to_owned();
            return Ok(got);
        }
        rest = tail;
    }
}

/// The comment and the lines of the body (RFC 4716 §3.3: a header line has a
/// colon; one that ends in `\` goes on in the next line).
fn rfc4716_parts(text: &Text, lines: Range<usize>) -> (Vec<u8>, Range<usize>) {
    let mut comment = Vec::new();
    let mut at = lines.start;
    let mut goes_on = false;
    let mut in_comment = false;
    while let Some(line) = text.get(at).filter(|_| at < lines.end) {
        if !goes_on && !line.contains(&b':') {
            break;
        }
        let value = if goes_on {
            line
        } else {
            let mut parts = line.splitn(2, |&b| b == b':');
            in_comment = parts
                .next()
                .is_some_and(|n| n.eq_ignore_ascii_case(b"comment"));
            trim(parts.next().unwrap_or_default())
        };
        goes_on = value.ends_with(b"\\");
        if in_comment {
            comment.extend_from_slice(value.strip_suffix(b"\\").unwrap_or(value));
        }
        at = at.saturating_add(1);
    }
    let bare = comment
        .strip_prefix(b"\"")
        .and_then(|c| c.strip_suffix(b"\""));
    (
        bare.map(ToOwned::to_owned).unwrap_or(comment),
        at..lines.end,
    )
}

/// A PuTTY key file: its public half is always readable.
fn ppk(text: &Text, block: &Block, version: u32, encrypted: bool) -> Result<Yield, LoadErrorKind> {
    if !(1..=3).contains(&version) {
        return Err(LoadErrorKind::Unsupported(
            "a PuTTY key file of a version not known here",
        ));
    }
    let header = |name: &[u8]| {
        block.lines.clone().find_map(|l| {
            let value = text.get(l)?.strip_prefix(name)?.strip_prefix(b":")?;
            Some((l, trim(value)))
        })
    };
    let (_, label) = text
        .get(block.lines.start)
        .and_then(|l| {
            l.iter()
                .position(|&b| b == b':')
                .and_then(|n| l.split_at_checked(n.saturating_add(1)))
        })
        .ok_or(LoadErrorKind::Missing("the key type"))?;
    let (at, count) = header(b"Public-Lines").ok_or(LoadErrorKind::Missing("\"Public-Lines\""))?;
    let lines: usize = core::str::from_utf8(count)
        .ok()
        .and_then(|c| c.parse().ok())
        .ok_or_else(|| LoadErrorKind::Expected {
            expected: "a number of lines",
            found: count.to_owned(),
        })?;
    let start = at.saturating_add(1);
    let end = start.saturating_add(lines);
    if end > block.lines.end {
        return Err(LoadErrorKind::Missing("a line of the public key"));
    }
    let mut got = Yield::of(&joined(text, start..end)?)?;
    let label = trim(label);
    if label != got.key.key_type().name() {
        let key = got.key.key_type().clone();
        got.notes.push(Note::TypeMismatch {
            label: label.to_owned(),
            key,
        });
    }
    got.comment = header(b"Comment")
        .map(|(_, c)| c.to_owned())
        .unwrap_or_default();
    got.encrypted = encrypted;
    Ok(got)
}

/// The base64 of several lines, decoded; wiped when dropped, for it may be private.
fn joined(text: &Text, lines: Range<usize>) -> Result<Zeroizing<Vec<u8>>, LoadErrorKind> {
    let size = text.range(lines.clone()).map(<[u8]>::len).sum();
    let mut body = Zeroizing::new(Vec::with_capacity(size));
    text.range(lines).for_each(|l| body.extend_from_slice(l));
    if body.is_empty() {
        return Err(LoadErrorKind::Missing("the base64 text"));
    }
    // With its full room from the start, the buffer never moves and leaves no copy.
    let mut out = Zeroizing::new(Vec::with_capacity(size.saturating_add(3)));
    base64::decode_into(&body, &mut out).map_err(LoadErrorKind::Base64)?;
    Ok(out)
}
