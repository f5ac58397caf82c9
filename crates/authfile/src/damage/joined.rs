//! A line broken into several: by a narrow terminal, a mail program, a backslash, a YAML list.

use super::text;
use super::{Damage, DamageKind as K, Wanted};
use crate::label;
use crate::line::Line;
use crate::rules::Rules;
use crate::span::Span;
use alloc::vec::Vec;

/// Most lines one key is looked for over.
const MAX_PARTS: usize = 200;

/// A part without what a break leaves behind: CR, blanks, a backslash at its end.
fn stripped(part: &[u8]) -> &[u8] {
    let part = part.trim_ascii_end();
    part.strip_suffix(b"\\").unwrap_or(part).trim_ascii_end()
}

/// How much of `target` the text ends with: the longest beginning of it, at least `least` bytes.
fn tail_is_start_of(text: &[u8], target: &[u8], least: usize) -> Option<usize> {
    let longest = target.len().min(text.len());
    (least..=longest).rev().find(|&k| {
        let at = text.len() - k;
        let clear = at == 0 || matches!(text.get(at - 1), Some(b' ' | b'\t' | b'"' | b'\''));
        clear && text.get(at..) == target.get(..k)
    })
}

/// A key broken into these lines, whoever's it is.
pub(super) fn any_key(lines: &[&[u8]], rules: &Rules) -> Option<(Damage, usize)> {
    let (&first, rest) = lines.split_first()?;
    let mut all = stripped(first).to_vec();
    let end = all.len();
    let type_last = |t: &[u8]| label::by_name(t.get(text::last_word(t)..).unwrap_or(&[])).is_some();
    let alone = type_last(&all);
    for (used, &part) in (2..).zip(rest.iter().take(MAX_PARTS)) {
        let part = stripped(part).trim_ascii_start();
        let word = part.split(|b| matches!(b, b' ' | b'\t')).next()?;
        if word.is_empty() || !word.iter().all(|&b| text::is_base64(b) || b == b'=') {
            return None;
        }
        if type_last(&all) {
            all.push(b' ');
        }
        all.extend_from_slice(part);
        if Line::read(&all, rules).candidate().is_some() {
            let kind = if alone && used == 2 {
                K::TypeAlone
            } else {
                K::Wrapped
            };
            return Some((
                Damage::new(kind, Span::new(end.saturating_sub(1), end)),
                used,
            ));
        }
        if part.len() > word.len() {
            return None;
        }
    }
    None
}

pub(super) fn examine(
    lines: &[&[u8]],
    wanted: &Wanted<'_>,
    rules: &Rules,
) -> Option<(Damage, usize)> {
    let (&first, rest) = lines.split_first()?;
    let head = stripped(first);
    let name = wanted.label.name.as_bytes();
    let target = text::concat(&[name, b" ", &wanted.base64]);
    let mut done = tail_is_start_of(head, &target, 3)?;
    let from = head.len() - done;
    let mut used = 1;
    let mut comment: &[u8] = &[];
    for &part in rest.iter().take(MAX_PARTS) {
        if done >= target.len() {
            break;
        }
        let part = stripped(part).trim_ascii_start();
        if done == name.len() {
            done += 1;
        }
        let left = target.get(done..)?;
        if part.is_empty() {
            return None;
        }
        used += 1;
        if let Some(after) = part.strip_prefix(left) {
            if !matches!(after.first(), None | Some(b' ' | b'\t')) {
                return None;
            }
            comment = after;
            done = target.len();
        } else if left.starts_with(part) {
            done += part.len();
        } else {
            return None;
        }
    }
    if done < target.len() || used == 1 {
        return None;
    }
    let options = head.get(..from).unwrap_or(&[]);
    let repaired: Vec<u8> = wanted.line(options.trim_ascii_end(), comment);
    let repaired = wanted.is_on(&repaired, rules).then_some(repaired);
    let alone = used == 2 && head.get(from..) == Some(name);
    let kind = if alone { K::TypeAlone } else { K::Wrapped };
    let at = head.len();
    Some((
        Damage::new(kind, Span::new(at.saturating_sub(1), at)).proven(repaired),
        used,
    ))
}
