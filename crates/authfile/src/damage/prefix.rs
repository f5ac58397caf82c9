//! Text before a key that keeps sshd from seeing it: a broken option list, or junk.

use super::DamageKind as K;
use super::text;
use crate::options::{OptionErrorKind, OptionName, Options, option_name};
use crate::rules::Rules;
use crate::span::Span;
use alloc::vec::Vec;

/// True when the text begins with an option name.
fn begins_like_options(prefix: &[u8]) -> bool {
    let body = prefix
        .get(..3)
        .filter(|p| p.eq_ignore_ascii_case(b"no-"))
        .map_or(prefix, |_| prefix.get(3..).unwrap_or(&[]));
    OptionName::ALL.iter().any(|name| {
        let word = name.as_str().as_bytes();
        let same = body
            .get(..word.len())
            .is_some_and(|w| w.eq_ignore_ascii_case(word));
        let next = body.get(word.len()).copied().unwrap_or(b' ');
        // `from = "…"` counts, `from me` does not.
        let tail = body.get(word.len()..).unwrap_or(&[]).trim_ascii_start();
        same && if name.takes_value() {
            next == b'=' || tail.first() == Some(&b'=')
        } else {
            !next.is_ascii_alphanumeric()
        }
    })
}

/// `command="echo "x""`: the option is known, and its value goes on behind a closing quote.
pub(crate) fn value_ends_early(text: &[u8], item: Span, rules: &Rules) -> bool {
    let (name, item) = (option_name(text, item), item.of(text));
    item.get(name.len()..)
        .is_some_and(|t| t.starts_with(b"=\""))
        && OptionName::ALL.iter().any(|n| {
            n.takes_value()
                && n.as_str().as_bytes().eq_ignore_ascii_case(name)
                && rules.options.knows(*n, false)
        })
}

/// True when the name of an option stands anywhere in the text: leaving it out could give the key more than was meant.
pub(crate) fn names_an_option(text: &[u8]) -> bool {
    let mut words = text.split(|b| !b.is_ascii_alphanumeric() && *b != b'-');
    words.any(|word| {
        let word = word.to_ascii_lowercase();
        let bare = word.strip_prefix(b"no-").unwrap_or(&word);
        OptionName::ALL
            .iter()
            .any(|n| n.as_str().as_bytes().eq_ignore_ascii_case(bare))
    })
}

/// True when options may stand anywhere in a comment that something ran into: `bobfrom="10.0.0.1"`.
pub(super) fn may_hold_options(comment: &[u8]) -> bool {
    let mut words = comment.split(|b| !b.is_ascii_alphanumeric() && *b != b'-');
    comment.iter().any(|b| matches!(b, b'"' | b'='))
        || words.any(|word| {
            let word = word.to_ascii_lowercase();
            let ends =
                |n: &OptionName| word.ends_with(&n.as_str().to_ascii_lowercase().into_bytes());
            OptionName::ALL.iter().any(ends)
        })
}

/// A single word shaped like an option, if a strange one: `no-tty`, `permit="x"`, `restict`.
fn shaped_like_option(word: &[u8]) -> bool {
    let head = word
        .split(|&b| b == b'=' || b == b',')
        .next()
        .unwrap_or(&[]);
    let letters = head.first().is_some_and(u8::is_ascii_alphabetic)
        && head.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-');
    let lower = head.to_ascii_lowercase();
    letters
        && (word.contains(&b'=')
            || word.contains(&b',')
            || lower.contains(&b'-')
            || OptionName::ALL
                .iter()
                .any(|n| text::distance(&lower, n.as_str().as_bytes(), 2).is_some()))
}

fn looks_like_host(word: &[u8]) -> bool {
    word == b"*"
        || word.starts_with(b"[")
        || word.starts_with(b"|1|")
        || (word
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b',' | b':' | b'*'))
            && word.contains(&b'.')
            && !word.ends_with(b".")
            && !word.ends_with(b":"))
}

/// What the text before `TYPE BASE64` is. The span is relative to it.
pub(crate) fn classify(prefix: &[u8], rules: &Rules) -> (K, Span) {
    let end = prefix.trim_ascii_end().len();
    let whole = Span::new(0, end);
    let body = whole.of(prefix);
    if body.starts_with(b"@cert-authority")
        || body.starts_with(b"@revoked")
        || body.starts_with(b"|1|")
    {
        return (K::KnownHosts, whole);
    }
    let one_word = !body.iter().any(|b| matches!(b, b' ' | b'\t'));
    if begins_like_options(body) {
        let (_, result) = Options::parse(body, rules);
        let open = body.iter().filter(|&&b| b == b'"').count() % 2 == 1;
        if let Err(e) = result {
            let kind = match e.kind {
                OptionErrorKind::MissingEndQuote => K::OptionUnterminatedQuote,
                OptionErrorKind::MissingStartQuote if join(body, rules).is_some() => {
                    K::OptionSpaceInList
                }
                OptionErrorKind::MissingStartQuote => K::OptionUnquoted,
                OptionErrorKind::Multiple(_) => K::OptionDuplicate,
                OptionErrorKind::Unknown { .. } if open => K::OptionUnterminatedQuote,
                OptionErrorKind::Unknown { .. } if !one_word && join(body, rules).is_some() => {
                    K::OptionSpaceInList
                }
                OptionErrorKind::Unknown { .. } if value_ends_early(body, e.span, rules) => {
                    K::OptionBadValue
                }
                OptionErrorKind::Unknown { .. } | OptionErrorKind::UnexpectedEnd => {
                    K::OptionUnknown
                }
                _ => K::OptionBadValue,
            };
            return (kind, e.span);
        }
        if open {
            return (K::OptionUnterminatedQuote, whole);
        }
        let blank = body
            .iter()
            .position(|b| matches!(b, b' ' | b'\t'))
            .unwrap_or(0);
        return (K::OptionSpaceInList, Span::new(blank, blank + 1));
    }
    if one_word && looks_like_host(body) {
        return (K::KnownHosts, whole);
    }
    if one_word && shaped_like_option(body) {
        return (K::OptionUnknown, whole);
    }
    (K::LeadingJunk, whole)
}

/// The option list without blanks outside of quotes, when that makes it one sshd reads.
pub(crate) fn join(prefix: &[u8], rules: &Rules) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::with_capacity(prefix.len());
    let mut quoted = false;
    let mut gap = false;
    for (i, &b) in prefix.trim_ascii().iter().enumerate() {
        if !quoted && matches!(b, b' ' | b'\t') {
            gap = true;
            continue;
        }
        if b == b'"' && (i == 0 || prefix.trim_ascii().get(i - 1) != Some(&b'\\')) {
            quoted = !quoted;
        }
        let joins = matches!(b, b',' | b'=') || matches!(out.last(), Some(b',' | b'='));
        if gap && !joins {
            out.push(b',');
        }
        gap = false;
        out.push(b);
    }
    let clean = matches!(Options::parse(&out, rules), (_, Ok(())));
    (clean && !quoted).then_some(out)
}

/// The option list with unquoted (or wrongly quoted) values put into double quotes, when that makes it one sshd reads.
pub(crate) fn quote_values(prefix: &[u8], rules: &Rules) -> Option<Vec<u8>> {
    let mut list = prefix.trim_ascii().to_vec();
    for _ in 0..16 {
        let error = match Options::parse(&list, rules).1 {
            Ok(()) => return Some(list),
            Err(e) => e,
        };
        if error.kind != OptionErrorKind::MissingStartQuote {
            return None;
        }
        let (head, tail) = list.split_at_checked(error.span.start)?;
        let open = text::quote(tail).unwrap_or(0);
        let value = tail.get(open..)?;
        let (len, close) = if open > 0 {
            // Up to the closing mark, whatever its form.
            let at =
                (0..value.len()).find(|&i| text::quote(value.get(i..).unwrap_or(&[])).is_some())?;
            (at, text::quote(value.get(at..)?)?)
        } else {
            (
                value
                    .iter()
                    .position(|b| matches!(b, b',' | b' ' | b'\t'))
                    .unwrap_or(value.len()),
                0,
            )
        };
        let inner = value.get(..len)?;
        if inner.is_empty() || inner.contains(&b'"') {
            return None;
        }
        list = text::concat(&[head, b"\"", inner, b"\"", value.get(len + close..)?]);
    }
    None
}
