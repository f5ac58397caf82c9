//! One line of an authorized_keys file, as `auth_check_authkey_line` and `sshkey_read` take it apart.

use crate::blob::{self, BlobError, Shape};
use crate::label::{self, Kind, Label};
use crate::options::{OptionError, Options};
use crate::rules::{Flavour, Rules};
use crate::span::Span;
use alloc::vec::Vec;
use sshwhy_keys::base64::{self, Base64Error, Base64ErrorKind};
use sshwhy_keys::{BlobError as KeyError, PublicKey};

/// A line, taken apart without loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line as given, at most one final newline removed.
    pub raw: &'a [u8],
    /// Where sshd stops reading: at the first NUL, otherwise the length of `raw`.
    pub read_to: usize,
    /// What it is.
    pub kind: LineKind,
    rules: &'a Rules,
}

/// What a line is to sshd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// Nothing but blanks (or a NUL first).
    Blank,
    /// Its first byte that is not blank is `#`.
    Comment,
    /// A whole key stands where sshd looks for one.
    Candidate(Candidate),
    /// No key where sshd looks for one: the line is ignored without a word.
    Dead(Dead),
}

/// The parts of a line that holds a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The option list.
    pub options: Option<Span>,
    /// The key type as written.
    pub key_type: Span,
    /// What the key type stands for.
    pub label: &'static Label,
    /// The base64 text.
    pub base64: Span,
    /// The decoded public key blob.
    pub blob: Vec<u8>,
    /// What the blob holds.
    pub shape: Shape,
    /// The comment, blanks before it left out, a final CR kept.
    pub comment: Span,
}

impl Candidate {
    /// The key, fully parsed: numbers, fingerprint, certificate.
    ///
    /// # Errors
    /// What the cheap structural check of the line does not look at: a point off its curve.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        PublicKey::from_blob(&self.blob)
    }
}

/// A line sshd finds no key on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dead {
    /// Why, told of the attempt that got furthest.
    pub why: DeadWhy,
    /// The text that shows it.
    pub span: Span,
    /// What sshd took for options before it looked for a key the second time.
    pub options: Option<Span>,
    /// The key type, where a known one stands where it should.
    pub key_type: Option<(&'static Label, Span)>,
    /// The text taken for base64.
    pub base64: Option<Span>,
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DeadWhy {
    /// No key type this build knows stands at the start or after the first word.
    NoKeyType,
    /// A quote before the key is not closed: `invalid key option string`.
    UnterminatedQuote,
    /// A key type and nothing after it.
    NoBlob,
    /// The text after the key type is not base64.
    Base64(Base64Error),
    /// The base64 does not hold a whole key.
    Blob(BlobError),
    /// The key inside is of another type than the one named.
    TypeMismatch {
        /// The label inside the blob.
        inner: &'static str,
    },
    /// The line is longer than this build reads.
    TooLong {
        /// Its length in bytes.
        len: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Dropbear only: the line is shorter than it reads, or holds a NUL.
    NotRead,
    /// Dropbear only: a blank stands before the key type.
    LeadingBlank,
    /// Dropbear only: not exactly one SPACE after the key type.
    Separator,
}

impl DeadWhy {
    /// What sshd logs about the line at level ERROR; nothing for all but one.
    pub const fn sshd_text(&self) -> Option<&'static str> {
        match self {
            Self::UnterminatedQuote => Some("invalid key option string"),
            _ => None,
        }
    }
}

/// The key of one login attempt, as far as a line is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedKey<'a> {
    kind: Option<Kind>,
    blob: &'a [u8],
}

impl<'a> OfferedKey<'a> {
    /// A plain public key. `None` when the blob does not begin with a known plain key type.
    pub fn plain(blob: &'a [u8]) -> Option<Self> {
        let label = blob::inner_label(blob)?;
        (!label.cert).then_some(Self {
            kind: Some(label.kind),
            blob,
        })
    }

    /// A certificate: lines are asked for the key of its CA, marked `cert-authority`.
    pub const fn certificate(ca_blob: &'a [u8]) -> Self {
        Self {
            kind: None,
            blob: ca_blob,
        }
    }

    /// The blob lines are compared with: the key, or the certificate's CA.
    pub const fn blob(&self) -> &'a [u8] {
        self.blob
    }

    /// True for a certificate.
    pub const fn is_certificate(&self) -> bool {
        self.kind.is_none()
    }
}

/// What one line says to one offered key, up to and without `auth_authorise_keyopts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Blank, comment, or no key where sshd looks for one.
    NoKeyHere(Option<DeadWhy>),
    /// Another key. sshd 7.7 and later parses its options first, and logs an error in them.
    OtherKey {
        /// That error.
        options_error: Option<OptionError>,
    },
    /// The key, behind options sshd cannot read: the line is ignored.
    BadOptions(OptionError),
    /// The plain key on a line marked `cert-authority`, or a CA on a line that is not: ignored.
    WrongMark(Options),
    /// The key. `auth_authorise_keyopts` is next: expiry, principals, from.
    Match(Options),
}

/// A key where `sshkey_read` looks for one.
struct Read {
    label: &'static Label,
    key_type: Span,
    base64: Span,
    blob: Vec<u8>,
    shape: Shape,
    comment: Span,
}

/// How far `sshkey_read` got.
struct Miss {
    why: DeadWhy,
    span: Span,
    key_type: Option<(&'static Label, Span)>,
    base64: Option<Span>,
}

const fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|&b| is_blank(b)) {
        at += 1;
    }
    at
}

/// `sshkey_read` at `start` of `text`.
fn read_key(text: &[u8], start: usize, rules: &Rules) -> Result<Read, Miss> {
    let end = |text: &[u8]| match rules.tab_separates {
        true => memchr::memchr2(b' ', b'\t', text),
        false => memchr::memchr(b' ', text),
    };
    let rest = text.get(start..).unwrap_or(&[]);
    let word = end(rest);
    let type_end = start + word.unwrap_or(rest.len());
    let key_type = Span::new(start, type_end);
    let none = |why, span| Miss {
        why,
        span,
        key_type: None,
        base64: None,
    };
    let name = key_type.of(text);
    let Some(label) = rules.labels.find(name) else {
        // A type with nothing after it still carries the line's end.
        let bare = name.trim_ascii_end();
        return Err(match rules.labels.find(bare) {
            Some(label) if word.is_none() => Miss {
                why: DeadWhy::NoBlob,
                span: Span::new(start, start + bare.len()),
                key_type: Some((label, Span::new(start, start + bare.len()))),
                base64: None,
            },
            _ => none(DeadWhy::NoKeyType, key_type),
        });
    };
    if word.is_none() {
        return Err(Miss {
            why: DeadWhy::NoBlob,
            span: key_type,
            key_type: Some((label, key_type)),
            base64: None,
        });
    }
    let b64_start = if rules.tab_separates {
        skip_blanks(text, type_end)
    } else {
        type_end + 1
    };
    let tail = text.get(b64_start..).unwrap_or(&[]);
    let b64_end = b64_start + end(tail).unwrap_or(tail.len());
    let base64 = Span::new(b64_start, b64_end);
    let miss = |why, span| Miss {
        why,
        span,
        key_type: Some((label, key_type)),
        base64: Some(base64),
    };
    let encoded = base64.of(text);
    if encoded.trim_ascii().is_empty() {
        return Err(miss(DeadWhy::NoBlob, key_type));
    }
    let decoded = match rules.flavour {
        Flavour::OpenSsh => base64::decode(encoded),
        Flavour::Dropbear => lenient_base64(encoded),
    };
    let blob = decoded.map_err(|e| {
        let span = match e.kind {
            Base64ErrorKind::InvalidByte(_)
            | Base64ErrorKind::AfterPadding(_)
            | Base64ErrorKind::EarlyPadding => {
                Span::new(b64_start + e.offset, b64_start + e.offset + 1)
            }
            _ => Span::new(b64_end.saturating_sub(1), b64_end),
        };
        miss(DeadWhy::Base64(e), span)
    })?;
    let shape = blob::check(&blob, rules.labels, rules.rsa_min_bits)
        .map_err(|e| miss(DeadWhy::Blob(e), base64))?;
    if shape.label.kind != label.kind
        || shape.label.cert != label.cert
        || (label.kind == Kind::Ecdsa && shape.label.curve != label.curve)
    {
        return Err(miss(
            DeadWhy::TypeMismatch {
                inner: shape.label.name,
            },
            key_type,
        ));
    }
    let comment = Span::new(skip_blanks(text, b64_end), text.len());
    Ok(Read {
        label,
        key_type,
        base64,
        blob,
        shape,
        comment,
    })
}

/// The end of the first word outside of quotes (`sshkey_advance_past_options`), and whether a quote stays open.
fn past_options(text: &[u8], start: usize) -> (usize, Option<usize>) {
    let mut open = None;
    let mut at = start;
    while let Some(&b) = text.get(at) {
        if open.is_none() && is_blank(b) {
            break;
        }
        if b == b'\\' && text.get(at + 1) == Some(&b'"') {
            at += 1;
        } else if b == b'"' {
            open = if open.is_none() { Some(at) } else { None };
        }
        at += 1;
    }
    (at.min(text.len()), open)
}

impl<'a> Line<'a> {
    /// Read one line. A final `\n` may be there or not; bytes after an earlier `\n` are part of the line.
    pub fn read(bytes: &'a [u8], rules: &'a Rules) -> Self {
        let raw = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let read_to = memchr::memchr(0, raw).unwrap_or(raw.len());
        let text = raw.get(..read_to).unwrap_or(raw);
        let kind = match rules.flavour {
            Flavour::OpenSsh => openssh_kind(raw, text, rules),
            Flavour::Dropbear => dropbear_kind(raw, rules),
        };
        Self {
            raw,
            read_to,
            kind,
            rules,
        }
    }

    /// The rules it was read by.
    pub const fn rules(&self) -> &'a Rules {
        self.rules
    }

    /// The bytes sshd reads: `raw` up to the first NUL.
    pub fn text(&self) -> &'a [u8] {
        self.raw.get(..self.read_to).unwrap_or(self.raw)
    }

    /// The key on this line.
    pub const fn candidate(&self) -> Option<&Candidate> {
        match &self.kind {
            LineKind::Candidate(c) => Some(c),
            _ => None,
        }
    }

    /// The options before the key on this line; the default ones when there are none.
    pub fn options(&self) -> (Options, Result<(), OptionError>) {
        let span = match &self.kind {
            LineKind::Candidate(c) => c.options,
            LineKind::Dead(d) => d.options,
            _ => None,
        };
        match span {
            None => (Options::default(), Ok(())),
            // sshd hands over the rest of the line, Dropbear a copy of the option list alone.
            Some(s) if self.rules.flavour == Flavour::OpenSsh => Options::parse_at(
                self.text().get(s.start..).unwrap_or(&[]),
                s.start,
                self.rules,
            ),
            Some(s) => Options::parse_at(s.of(self.text()), s.start, self.rules),
        }
    }

    /// What this line says to an offered key: the part of `auth_check_authkey_line` before
    /// `auth_authorise_keyopts`.
    pub fn candidate_for(&self, key: &OfferedKey<'_>) -> Answer {
        let c = match &self.kind {
            LineKind::Candidate(c) => c,
            LineKind::Dead(d) => return Answer::NoKeyHere(Some(d.why.clone())),
            LineKind::Blank | LineKind::Comment => return Answer::NoKeyHere(None),
        };
        // A plain key of another kind is never read, so its options are not either.
        if key
            .kind
            .is_some_and(|kind| kind != c.label.kind || c.label.cert)
        {
            return Answer::OtherKey {
                options_error: None,
            };
        }
        let same = match self.rules.flavour {
            Flavour::OpenSsh => blob::same_key(&c.blob, key.blob),
            // Byte by byte: a number with needless zeros is another key.
            Flavour::Dropbear => c.blob == key.blob,
        };
        if !same && !self.rules.options_before_key {
            return Answer::OtherKey {
                options_error: None,
            };
        }
        let (options, result) = self.options();
        match (same, result) {
            (false, result) => Answer::OtherKey {
                options_error: result.err(),
            },
            (true, Err(e)) => Answer::BadOptions(e),
            (true, Ok(())) if options.cert_authority != key.is_certificate() => {
                Answer::WrongMark(options)
            }
            (true, Ok(())) => Answer::Match(options),
        }
    }
}

fn openssh_kind(raw: &[u8], text: &[u8], rules: &Rules) -> LineKind {
    if let Some(limit) = rules.max_line
        && raw.len() > limit
    {
        let why = DeadWhy::TooLong {
            len: raw.len(),
            limit,
        };
        return LineKind::Dead(Dead {
            why,
            span: Span::new(limit, raw.len()),
            options: None,
            key_type: None,
            base64: None,
        });
    }
    let start = skip_blanks(text, 0);
    match text.get(start) {
        None => return LineKind::Blank,
        Some(b'#') => return LineKind::Comment,
        Some(_) => {}
    }
    let first = match read_key(text, start, rules) {
        Ok(r) => return candidate(r, None),
        Err(miss) => miss,
    };
    let (end, open) = past_options(text, start);
    let options = Some(Span::new(start, end));
    let dead = |m: Miss, options| {
        LineKind::Dead(Dead {
            why: m.why,
            span: m.span,
            options,
            key_type: m.key_type,
            base64: m.base64,
        })
    };
    if let Some(at) = open
        && rules.unterminated_quote_is_error
    {
        let span = Span::new(at, at + 1);
        let why = DeadWhy::UnterminatedQuote;
        return LineKind::Dead(Dead {
            why,
            span,
            options,
            key_type: first.key_type,
            base64: None,
        });
    }
    match read_key(text, skip_blanks(text, end), rules) {
        Ok(r) => candidate(r, options),
        Err(second) if second.key_type.is_some() && first.key_type.is_none() => {
            dead(second, options)
        }
        Err(_) if first.key_type.is_some() => dead(first, None),
        Err(_) => dead(first, options),
    }
}

fn candidate(r: Read, options: Option<Span>) -> LineKind {
    LineKind::Candidate(Candidate {
        options,
        key_type: r.key_type,
        label: r.label,
        base64: r.base64,
        blob: r.blob,
        shape: r.shape,
        comment: r.comment,
    })
}

/// Base64 as Dropbear reads it (libtomcrypt's `base64_decode`): whatever is not of the alphabet is
/// passed over, padding or none, and a single character left over at the end is an error.
fn lenient_base64(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u8);
    for &b in text {
        let value = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            count = 0;
        }
    }
    match count {
        1 => {
            return Err(Base64Error {
                offset: text.len(),
                kind: Base64ErrorKind::MissingPadding { have: 1 },
            });
        }
        2 => out.extend_from_slice(&(bits << 12).to_be_bytes()[1..2]),
        3 => out.extend_from_slice(&(bits << 6).to_be_bytes()[1..3]),
        _ => {}
    }
    Ok(out)
}

/// `checkpubkey_line` of Dropbear, without the comparison.
fn dropbear_kind(raw: &[u8], rules: &Rules) -> LineKind {
    const MIN: usize = 10;
    let dead = |why, span| {
        LineKind::Dead(Dead {
            why,
            span,
            options: None,
            key_type: None,
            base64: None,
        })
    };
    if let Some(limit) = rules.max_line
        && raw.len() > limit
    {
        return dead(
            DeadWhy::TooLong {
                len: raw.len(),
                limit,
            },
            Span::new(limit, raw.len()),
        );
    }
    let start = skip_blanks(raw, 0);
    match raw.get(start) {
        None | Some(b'\r') if start + 1 >= raw.len() => return LineKind::Blank,
        Some(b'#') => return LineKind::Comment,
        _ => {}
    }
    if raw.len() < MIN || raw.contains(&0) {
        return dead(DeadWhy::NotRead, Span::new(0, raw.len()));
    }
    let first = match read_key(raw, 0, rules) {
        Ok(r) => return candidate(r, None),
        Err(miss) => miss,
    };
    if start > 0 && read_key(raw, start, rules).is_ok() {
        return dead(DeadWhy::LeadingBlank, Span::new(0, start));
    }
    let mut at = start;
    let (mut quoted, mut escape) = (false, false);
    while let Some(&b) = raw.get(at) {
        if !quoted && is_blank(b) {
            break;
        }
        escape = !escape && b == b'\\';
        if !escape && b == b'"' {
            quoted = !quoted;
        }
        at += 1;
    }
    let options = Some(Span::new(start, at));
    match read_key(raw, at.saturating_add(1), rules) {
        Ok(r) => candidate(r, options),
        Err(second) => {
            let m = if second.key_type.is_some() && first.key_type.is_none() {
                second
            } else {
                first
            };
            let blank_after = m
                .key_type
                .is_some_and(|(_, s)| raw.get(s.end + 1).is_some_and(|&b| is_blank(b)))
                || (m.key_type.is_none() && label_then_tab(raw, start));
            let why = if blank_after {
                DeadWhy::Separator
            } else {
                m.why
            };
            LineKind::Dead(Dead {
                why,
                span: m.span,
                options,
                key_type: m.key_type,
                base64: m.base64,
            })
        }
    }
}

fn label_then_tab(raw: &[u8], start: usize) -> bool {
    let rest = raw.get(start..).unwrap_or(&[]);
    rest.split(|&b| b == b'\t')
        .next()
        .is_some_and(|w| w.len() < rest.len() && label::by_name(w).is_some())
}
