//! Small readers that the world lines share. All of them are total.

use alloc::string::String;
use alloc::vec::Vec;

/// Takes the first word, and gives what follows without the blanks between.
pub(crate) fn first(line: &[u8]) -> (&[u8], &[u8]) {
    let line = line.trim_ascii();
    match line.iter().position(u8::is_ascii_whitespace) {
        Some(i) => {
            let (word, rest) = line.split_at(i);
            (word, rest.trim_ascii_start())
        }
        None => (line, b""),
    }
}

/// The words of a line.
pub(crate) fn split(line: &[u8]) -> Vec<&[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|w| !w.is_empty())
        .collect()
}

/// A number in base ten.
pub(crate) fn number<T: core::str::FromStr>(word: &[u8]) -> Option<T> {
    core::str::from_utf8(word).ok()?.parse().ok()
}

/// A mode in octal, at most 7777.
pub(crate) fn mode(word: &[u8]) -> Option<u32> {
    let mode = u32::from_str_radix(core::str::from_utf8(word).ok()?, 8).ok()?;
    (mode <= 0o7777).then_some(mode)
}

/// Text for messages and names.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `name=value`.
pub(crate) fn pair(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let i = word.iter().position(|&b| b == b'=')?;
    let (name, value) = word.split_at(i);
    Some((name, value.get(1..)?))
}

/// yes or no.
pub(crate) fn yes_no(word: &[u8]) -> Option<bool> {
    match word {
        b"yes" => Some(true),
        b"no" => Some(false),
        _ => None,
    }
}

/// `2026-11-22` or `2026-11-22T10:00:00Z`, in seconds since the epoch.
pub(crate) fn instant(word: &[u8]) -> Option<i64> {
    let text = core::str::from_utf8(word).ok()?;
    let (date, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
    let mut date = date.split('-');
    let mut time = time.strip_suffix('Z')?.split(':');
    let civil = sshwhy_world::Civil {
        year: date.next()?.parse().ok()?,
        month: date.next()?.parse().ok().filter(|m| (1..=12).contains(m))?,
        day: date.next()?.parse().ok().filter(|d| (1..=31).contains(d))?,
        hour: time.next()?.parse().ok().filter(|h| *h < 24)?,
        minute: time.next()?.parse().ok().filter(|m| *m < 60)?,
        second: time.next()?.parse().ok().filter(|s| *s <= 60)?,
    };
    (date.next().is_none() && time.next().is_none()).then(|| civil.utc())
}

/// Bytes written in hexadecimal; blanks between are skipped.
pub(crate) fn hex(word: &[u8]) -> Option<Vec<u8>> {
    let digits: Vec<u8> = word
        .iter()
        .filter(|b| !b.is_ascii_whitespace())
        .map(|b| {
            char::from(*b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        })
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}
