//! Damage to the whole file: UTF-16. (CR-only line ends show on each line that holds a CR inside.)

use super::{Damage, DamageKind as K, Wanted};
use crate::rules::Rules;
use crate::span::Span;
use alloc::vec::Vec;

/// Which byte of each pair is the high one, when the text is UTF-16: by its mark, or by a third of NULs on one side.
fn utf16_big_endian(file: &[u8]) -> Option<bool> {
    match file {
        [0xff, 0xfe, ..] => return Some(false),
        [0xfe, 0xff, ..] => return Some(true),
        _ => {}
    }
    let sample = file.get(..file.len().min(512)).unwrap_or(&[]);
    if sample.len() < 16 {
        return None;
    }
    let nuls = |odd: usize| {
        sample
            .iter()
            .skip(odd)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd, half) = (nuls(0), nuls(1), sample.len() / 2);
    if odd * 3 > half * 2 && even == 0 {
        Some(false)
    } else if even * 3 > half * 2 && odd == 0 {
        Some(true)
    } else {
        None
    }
}

/// The text in UTF-8.
fn decode(file: &[u8], big_endian: bool) -> Vec<u8> {
    let units = file.chunks_exact(2).map(|pair| {
        let pair = [
            pair.first().copied().unwrap_or(0),
            pair.get(1).copied().unwrap_or(0),
        ];
        if big_endian {
            u16::from_be_bytes(pair)
        } else {
            u16::from_le_bytes(pair)
        }
    });
    let mut out = Vec::with_capacity(file.len() / 2);
    let mut buffer = [0; 4];
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        if c != '\u{feff}' {
            out.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
    }
    out
}

/// True for a file in UTF-16.
pub(super) fn is_utf16(file: &[u8]) -> bool {
    utf16_big_endian(file).is_some()
}

pub(super) fn utf16(file: &[u8], wanted: &Wanted<'_>, rules: &Rules) -> Option<Damage> {
    let big_endian = utf16_big_endian(file)?;
    let text = decode(file, big_endian);
    let damage = Damage::new(K::Utf16, Span::new(0, 2));
    for (i, line) in text.split(|&b| b == b'\n').enumerate() {
        if wanted.is_on(line, rules) {
            let number = (i as u64).saturating_add(1);
            return Some(
                damage
                    .proven(Some(line.trim_ascii_end().to_vec()))
                    .at(number, 1),
            );
        }
    }
    Some(Damage {
        score: 10,
        ..damage
    })
}

/// A line with CRs inside, one piece of which is the wanted key's.
pub(super) fn cr_only(raw: &[u8], wanted: &Wanted<'_>, rules: &Rules) -> Option<Damage> {
    let mut start = 0;
    for piece in raw.split(|&b| b == b'\r') {
        let end = start + piece.len();
        if start > 0 && wanted.is_on(piece, rules) {
            return Some(
                Damage::new(K::CrOnly, Span::new(start - 1, start)).proven(Some(piece.to_vec())),
            );
        }
        start = end + 1;
    }
    None
}
