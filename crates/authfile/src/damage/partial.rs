//! A part of the wanted key's base64: cut, or with characters changed.

use super::text::{self, concat};
use super::{Damage, DamageKind as K, Wanted};
use crate::line::{Line, LineKind};
use crate::span::Span;
use memchr::memmem;

/// Characters beyond the shared beginning that make a likeness no accident: 11 are 64 bits.
const SURE: usize = 11;
/// Fewest worth a mention.
const LEAST: usize = 4;

pub(super) fn examine(line: &Line<'_>, wanted: &Wanted<'_>) -> Option<Damage> {
    if matches!(line.kind, LineKind::Blank) {
        return None;
    }
    let raw = line.raw;
    let b64 = wanted.base64.as_slice();
    // The run of base64 that stands where the key would.
    let placed = match &line.kind {
        LineKind::Dead(d) => d.base64.map(|s| s.start),
        LineKind::Candidate(c) => Some(c.base64.start),
        _ => None,
    };
    let start = memmem::find(raw, b64.get(..8)?)
        .or(placed)
        .or_else(|| memmem::find(raw, b"AAAA"));
    let Some(start) = start else {
        return front_cut(line, wanted);
    };
    if let Some((first, end)) = with_foreign_bytes(raw, start, b64) {
        let (before, after) = (raw.get(..start)?, raw.get(end..)?);
        let repaired =
            Some(concat(&[before, b64, after])).filter(|l| wanted.is_on(l, line.rules()));
        let mut d = Damage::new(K::Damaged, Span::new(first, first + 1)).proven(repaired);
        d.positions = alloc::vec![first - start];
        return Some(d);
    }
    let run = raw.get(start..)?;
    let len = run
        .iter()
        .position(|&b| !text::is_base64(b) && b != b'=')
        .unwrap_or(run.len());
    // A text of the right length that ends as it should is whole, whatever stands in its middle.
    let padding = b64.iter().rev().take_while(|&&b| b == b'=').count();
    let whole = run.get(..b64.len()).is_some_and(|all| {
        matches!(run.get(b64.len()), None | Some(b' ' | b'\t' | b'\r'))
            && text::common_end(all, b64) >= padding + LEAST
    });
    let len = if whole { b64.len() } else { len };
    let run = run.get(..len)?;
    let span = Span::new(start, start + len);
    let before = raw.get(..start)?;
    let after = raw.get(start + len..)?;
    if run.len() < b64.len() && b64.ends_with(run) {
        return front_cut(line, wanted);
    }
    let same_start = text::common_start(run, b64);
    let beyond = same_start.saturating_sub(wanted.header);
    let repaired = || Some(concat(&[before, b64, after])).filter(|l| wanted.is_on(l, line.rules()));
    let score = |n: usize| {
        u32::try_from(n.saturating_mul(990) / b64.len().max(1))
            .unwrap_or(0)
            .min(990)
    };

    if same_start == run.len() && run.len() < b64.len() {
        if beyond < LEAST {
            return None;
        }
        let mut d = Damage::new(
            K::Truncated,
            Span::new(span.end.saturating_sub(1), span.end),
        );
        d.score = score(same_start);
        d.proven = beyond >= SURE;
        d.repaired = if d.proven { repaired() } else { None };
        return Some(d);
    }
    if same_start == b64.len() {
        // The whole base64 and more of it: the single-line half has seen it.
        return None;
    }
    let same_end = text::common_end(run.get(same_start..)?, b64.get(same_start..)?);
    let total = same_start + same_end;
    let evidence = beyond + same_end.saturating_sub(padding);
    let differ = |a: &[u8]| -> alloc::vec::Vec<usize> {
        a.iter()
            .zip(b64)
            .enumerate()
            .filter(|(_, (x, y))| x != y)
            .map(|(i, _)| i)
            .collect()
    };
    let positions = if run.len() == b64.len() {
        differ(run)
    } else {
        alloc::vec![same_start]
    };
    let free = b64.len().saturating_sub(wanted.header).max(1);
    let close = if run.len() == b64.len() {
        positions.len() * 4 <= free || run.eq_ignore_ascii_case(b64)
    } else {
        run.len().abs_diff(b64.len()) * 4 <= free && evidence * 2 >= free
    };
    if !close {
        return None;
    }
    let at = start + positions.first().copied().unwrap_or(0);
    let mut d = Damage::new(K::Damaged, Span::new(at, at + 1));
    d.score = score(if run.len() == b64.len() {
        b64.len() - positions.len().min(b64.len())
    } else {
        total
    });
    d.proven = if run.len() == b64.len() {
        close && free >= 2 * SURE
    } else {
        evidence >= SURE
    };
    d.positions = positions;
    d.repaired = if d.proven { repaired() } else { None };
    if let LineKind::Candidate(c) = &line.kind {
        d.other_blob = Some(c.blob.clone());
    }
    Some(d)
}

/// The base64 in whole, with bytes inside that are none of it: blanks where lines were joined, soft hyphens. The
/// first of them, and the end of the text.
fn with_foreign_bytes(raw: &[u8], start: usize, b64: &[u8]) -> Option<(usize, usize)> {
    const MOST: usize = 64;
    let mut left = b64.iter().peekable();
    let mut first = None;
    let mut foreign = 0;
    for (at, b) in raw.iter().enumerate().skip(start) {
        if left.next_if_eq(&b).is_some() {
            if left.peek().is_none() {
                return Some((first?, at + 1));
            }
        } else if text::is_base64(*b) || *b == b'=' || foreign == MOST {
            return None;
        } else {
            foreign += 1;
            first.get_or_insert(at);
        }
    }
    None
}

/// The beginning of the base64 is lost and its end is there.
fn front_cut(line: &Line<'_>, wanted: &Wanted<'_>) -> Option<Damage> {
    let raw = line.raw;
    let b64 = wanted.base64.as_slice();
    let needle_at = b64.len().checked_sub(SURE + 4)?;
    let end = memmem::find(raw, b64.get(needle_at..)?)? + b64.len() - needle_at;
    let same = text::common_end(raw.get(..end)?, b64);
    if same < SURE {
        return None;
    }
    let start = end - same;
    let after = raw.get(end..)?;
    let head = raw.get(..start)?;
    let mut d = Damage::new(K::Truncated, Span::new(start, start + 1));
    d.proven = true;
    d.score = u32::try_from(same.saturating_mul(990) / b64.len().max(1))
        .unwrap_or(0)
        .min(990);
    d.repaired = [
        concat(&[head, b64, after]),
        wanted.line(head.trim_ascii(), after),
    ]
    .into_iter()
    .find(|l| wanted.is_on(l, line.rules()));
    Some(d)
}
