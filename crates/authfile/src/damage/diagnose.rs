//! What is wrong with a line on its own, without any wanted key.

use super::text;
use super::{Damage, DamageKind as K};
use crate::blob::BlobError;
use crate::label::{self, LABELS};
use crate::line::{Candidate, Dead, DeadWhy, Line, LineKind};
use crate::options::{OptionError, OptionErrorKind, OptionName};
use crate::rules::Flavour;
use crate::span::Span;
use sshwhy_keys::base64::Base64ErrorKind;

/// The damage an option error on this line stands for: that of the text before the key where it was never meant as
/// options (a byte order mark, a host name, the dash of a list), otherwise the error's own.
pub fn option_damage(line: &Line<'_>, error: &OptionError) -> Damage {
    let mut damage = no_options(line, error).unwrap_or_else(|| error_damage(error));
    if damage.kind == K::OptionUnknown
        && super::prefix::value_ends_early(line.raw, error.span, line.rules())
    {
        damage.kind = K::OptionBadValue;
    }
    Damage {
        reason: Some(error.sshd_text()),
        ..damage
    }
}

fn no_options(line: &Line<'_>, error: &OptionError) -> Option<Damage> {
    let at = match &line.kind {
        LineKind::Candidate(c) => c.options?,
        LineKind::Dead(d) => d.options?,
        LineKind::Blank | LineKind::Comment => return None,
    };
    let list = at.of(line.raw);
    if list.starts_with(text::BOM) {
        let span = Span::new(at.start, at.start + text::BOM.len());
        return Some(Damage::new(K::Bom, span));
    }
    if !matches!(error.kind, OptionErrorKind::Unknown { .. }) || text::trim_is_option_like(list) {
        return None;
    }
    let (kind, span) = super::prefix::classify(list, line.rules());
    Some(Damage::new(kind, span.shift(at.start)))
}

fn error_damage(error: &OptionError) -> Damage {
    let kind = match error.kind {
        OptionErrorKind::Unknown { .. } | OptionErrorKind::UnexpectedEnd => K::OptionUnknown,
        OptionErrorKind::MissingStartQuote => K::OptionUnquoted,
        OptionErrorKind::MissingEndQuote => K::OptionUnterminatedQuote,
        OptionErrorKind::Multiple(_) => K::OptionDuplicate,
        _ => K::OptionBadValue,
    };
    Damage::new(kind, error.span)
}

/// What is wrong with a line, for notes about a file. `None` for blank lines, comments, lines with a key sshd reads,
/// and lines that hold nothing like a key. Cheap: nothing is hashed and no number is computed with. Nothing is `proven` here, as no key is wanted.
pub fn diagnose_line(line: &Line<'_>) -> Option<Damage> {
    match &line.kind {
        LineKind::Blank | LineKind::Comment => None,
        LineKind::Candidate(c) => candidate(line, c),
        LineKind::Dead(d) => dead(line, d),
    }
}

fn candidate(line: &Line<'_>, c: &Candidate) -> Option<Damage> {
    if c.label.cert {
        return Some(Damage::new(K::Certificate, c.key_type));
    }
    if c.options.is_some() {
        let (options, result) = line.options();
        if let Err(e) = result {
            return Some(option_damage(line, &e));
        }
        let principals = options
            .items
            .iter()
            .find(|i| i.name == OptionName::Principals);
        if let Some(item) = principals
            && !options.cert_authority
        {
            return Some(Damage::new(K::OptionPrincipalsOnPlain, item.span));
        }
    }
    // Another key type in the comment, with its base64: two lines in one.
    let comment = c.comment.of(line.text());
    let at = memchr::memmem::find(comment, b"AAAA")?;
    let before = comment.get(..at)?.trim_ascii_end();
    let other = LABELS
        .iter()
        .find(|l| before.ends_with(l.name.as_bytes()))?;
    let start = before.len() - other.name.len();
    let (kind, span) = match before.get(..start).and_then(|b| memchr::memrchr(b'\r', b)) {
        Some(cr) => (K::CrOnly, Span::new(cr, cr + 1)),
        None => (K::Glued, Span::new(start, before.len())),
    };
    Some(Damage::new(kind, span.shift(c.comment.start)))
}

fn dead(line: &Line<'_>, d: &Dead) -> Option<Damage> {
    let raw = line.raw;
    let start = raw
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t'))
        .unwrap_or(0);
    let body = raw.get(start..).unwrap_or(&[]);
    let lead = |len: usize| Span::new(start, start + len);
    if raw.len() >= 8 && raw.iter().filter(|&&b| b == 0).count() * 3 >= raw.len() {
        return Some(Damage::new(K::Utf16, Span::new(0, 2)));
    }
    if let Some(marked) = body.strip_prefix(text::BOM) {
        let harmless = matches!(marked.trim_ascii_start().first(), None | Some(b'#'));
        return (!harmless).then(|| Damage::new(K::Bom, lead(text::BOM.len())));
    }
    if let Some(d) = marker(body) {
        let span = Span::new(start, raw.trim_ascii_end().len());
        return Some(Damage::new(d, span));
    }
    let why = match &d.why {
        DeadWhy::TooLong { .. } => Some(K::TooLong),
        DeadWhy::UnterminatedQuote => Some(K::OptionUnterminatedQuote),
        DeadWhy::LeadingBlank => Some(K::Blanks),
        DeadWhy::Separator => Some(if d.span.of(raw).contains(&b'\t') {
            K::Tab
        } else {
            K::Blanks
        }),
        DeadWhy::NoBlob => Some(K::TypeAlone),
        DeadWhy::TypeMismatch { .. } => Some(K::TypeMismatch),
        DeadWhy::Blob(BlobError::Truncated { .. }) => Some(K::Truncated),
        DeadWhy::Blob(BlobError::TrailingBytes { .. }) => Some(K::TrailingJunk),
        DeadWhy::Blob(_) => Some(K::Damaged),
        DeadWhy::Base64(e) => Some(match e.kind {
            Base64ErrorKind::MissingPadding { .. } | Base64ErrorKind::SecondPadding(None) => {
                K::Truncated
            }
            Base64ErrorKind::AfterPadding(_) | Base64ErrorKind::SecondPadding(Some(_)) => {
                K::TrailingJunk
            }
            Base64ErrorKind::InvalidByte(_) => K::TrailingJunk,
            _ => K::Damaged,
        }),
        DeadWhy::NoKeyType | DeadWhy::NotRead => None,
    };
    let damage = match why {
        Some(kind) => Damage::new(kind, d.span),
        None => no_type(line, start, body)?,
    };
    Some(match d.why {
        DeadWhy::TypeMismatch { inner } => damage.expecting(inner),
        _ => damage,
    })
}

/// A line that begins like a block or a file of another format.
pub(super) fn marker(body: &[u8]) -> Option<K> {
    let dashes = body.starts_with(b"-----BEGIN") || body.starts_with(b"-----END");
    if body.starts_with(b"---- BEGIN SSH2") || body.starts_with(b"---- END SSH2") {
        Some(K::Rfc4716)
    } else if dashes && memchr::memmem::find(body, b"PRIVATE KEY").is_some() {
        Some(K::PrivateKey)
    } else if dashes {
        Some(K::Pem)
    } else if body.starts_with(b"PuTTY-User-Key-File-") {
        Some(K::Ppk)
    } else if body.starts_with(b"@cert-authority ")
        || body.starts_with(b"@revoked ")
        || body.starts_with(b"|1|")
    {
        Some(K::KnownHosts)
    } else {
        ssh1(body).then_some(K::Ssh1)
    }
}

/// `bits exponent modulus`, all decimal.
fn ssh1(body: &[u8]) -> bool {
    let mut words = body
        .split(|b| matches!(b, b' ' | b'\t'))
        .filter(|w| !w.is_empty());
    let number = |w: Option<&[u8]>| {
        w.filter(|w| w.iter().all(u8::is_ascii_digit))
            .map(<[u8]>::len)
    };
    matches!(
        (
            number(words.next()),
            number(words.next()),
            number(words.next())
        ),
        (Some(3..=5), Some(1..=10), Some(100..))
    )
}

/// No known key type at the start nor after the first word: look where one stands. `None`: nothing like a key does.
fn no_type(line: &Line<'_>, start: usize, body: &[u8]) -> Option<Damage> {
    let raw = line.raw;
    let blob_at = memchr::memmem::find(raw, b"AAAA");
    if let Some((_, at, n)) = text::without_odd_blanks(raw)
        && blob_at.is_some()
    {
        return Some(Damage::new(K::Nbsp, Span::new(at, at + n)));
    }
    let first_end = body
        .iter()
        .position(|b| matches!(b, b' ' | b'\t'))
        .unwrap_or(body.len());
    let first = body.get(..first_end).unwrap_or(body);
    let word = Span::new(start, start + first_end);
    if super::begins_as_public_key(first) {
        return Some(Damage::new(K::TypeMissing, word));
    }
    let other_case = LABELS
        .iter()
        .find(|l| l.name.as_bytes().eq_ignore_ascii_case(first));
    if let Some(label) = other_case
        && label::by_name(first).is_none()
    {
        return Some(Damage::new(K::TypeCase, word).expecting(label.name));
    }
    let before = raw
        .get(..blob_at.unwrap_or(0))
        .unwrap_or(&[])
        .trim_ascii_end();
    if let Some(label) = LABELS
        .iter()
        .filter(|l| before.ends_with(l.name.as_bytes()))
        .max_by_key(|l| l.name.len())
    {
        let at = before.len() - label.name.len();
        let prefix = before.get(start..at).unwrap_or(&[]);
        if prefix.trim_ascii().is_empty() {
            if line_is_dropbear(line) || raw.contains(&b'\t') {
                let end = at + label.name.len();
                return Some(Damage::new(K::Tab, Span::new(end, end + 1)));
            }
            return Some(Damage::new(K::LeadingJunk, Span::new(0, at)));
        }
        if text::quote(prefix).is_some() && prefix.len() <= 3 {
            return Some(Damage::new(K::Quoted, Span::new(start, at)));
        }
        if super::single::is_option_list(super::single::before_key_type(prefix), line.rules()) {
            let span = Span::new(at, at + 1);
            return Some(Damage::new(K::OptionNoSpaceBeforeKey, span));
        }
        let (kind, span) = super::prefix::classify(prefix, line.rules());
        return Some(Damage::new(kind, span.shift(start)));
    }
    let bare = first.iter().all(|&b| text::is_base64(b) || b == b'=');
    let second = LABELS
        .iter()
        .any(|l| text::distance(first, l.name.as_bytes(), 2).is_some());
    let kind = if second || blob_at.is_some_and(|at| at == start + first_end + 1) && first.len() > 2
    {
        K::TypeDamaged
    } else if first.len() >= 24 && bare {
        K::Wrapped
    } else {
        blob_at?;
        K::LeadingJunk
    };
    Some(Damage::new(kind, word))
}

fn line_is_dropbear(line: &Line<'_>) -> bool {
    line.rules().flavour == Flavour::Dropbear
}
