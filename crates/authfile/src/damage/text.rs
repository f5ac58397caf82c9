//! Small questions about bytes.

use alloc::vec::Vec;

pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Blanks people paste that are none to sshd: NO-BREAK SPACE, the spaces of U+2000 to U+200B, U+202F, U+3000, and a
/// Latin-1 NBSP. Returns the length of the one at the start.
pub(crate) fn odd_blank(text: &[u8]) -> Option<usize> {
    match text {
        [0xc2, 0xa0, ..] => Some(2),
        [0xe2, 0x80, 0x80..=0x8b | 0xaf, ..] | [0xe3, 0x80, 0x80, ..] => Some(3),
        [0xa0, ..] => Some(1),
        _ => None,
    }
}

/// The text with every odd blank made a SPACE, and where the first one was.
pub(crate) fn without_odd_blanks(text: &[u8]) -> Option<(Vec<u8>, usize, usize)> {
    let mut first = None;
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        if b.is_ascii() {
            out.push(b);
            at += 1;
        } else if let Some(n) = odd_blank(text.get(at..).unwrap_or(&[])) {
            first.get_or_insert((at, n));
            out.push(b' ');
            at += n;
        } else {
            // A whole UTF-8 sequence, so that its tail is not taken for Latin-1.
            let n = match b {
                0xf0..=0xf7 => 4,
                0xe0..=0xef => 3,
                0xc0..=0xdf => 2,
                _ => 1,
            };
            out.extend_from_slice(text.get(at..(at + n).min(text.len())).unwrap_or(&[]));
            at += n;
        }
    }
    first.map(|(at, n)| (out, at, n))
}

/// Length of a quotation mark of any kind at the start.
pub(crate) fn quote(text: &[u8]) -> Option<usize> {
    match text {
        [b'"' | b'\'' | b'`', ..] => Some(1),
        [0xe2, 0x80, 0x98..=0x9f, ..] => Some(3),
        [0xc2, 0xab | 0xbb, ..] => Some(2),
        _ => None,
    }
}

/// Length of a quotation mark of any kind at the end.
pub(crate) fn quote_at_end(text: &[u8]) -> Option<usize> {
    (1..=3).find(|&n| {
        let at = text.len().checked_sub(n);
        at.and_then(|at| text.get(at..)).and_then(quote) == Some(n)
    })
}

pub(crate) const fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')
}

/// Number of bytes the two share at the start.
pub(crate) fn common_start(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// Number of bytes the two share at the end.
pub(crate) fn common_end(a: &[u8], b: &[u8]) -> usize {
    a.iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count()
}

/// Edit distance, given up above `limit`.
pub(crate) fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit || a.len() > 64 || b.len() > 64 {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let up = *cell;
            left = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            diagonal = up;
            *cell = left;
        }
    }
    row.last().copied().filter(|&d| d <= limit)
}

/// Offset of the word that ends at `end`, blanks as separators.
pub(crate) fn last_word(text: &[u8]) -> usize {
    text.iter()
        .rposition(|b| matches!(b, b' ' | b'\t'))
        .map_or(0, |i| i + 1)
}

/// `a` followed by `b` followed by `c`.
pub(crate) fn concat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A single word of letters, digits, `-`, `=`, quotes: an option, if a strange one.
pub(crate) fn trim_is_option_like(word: &[u8]) -> bool {
    let head = word
        .split(|&b| b == b'=' || b == b',')
        .next()
        .unwrap_or(&[]);
    head.first().is_some_and(u8::is_ascii_alphabetic)
        && head.contains(&b'-')
        && head.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-')
}
