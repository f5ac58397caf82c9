//! Files of public keys put right: each damaged line that can be only one key.

use super::Restored;
use crate::key::diagnose::Diagnosis;
use crate::key::public_file;
use sshwhy_authfile::damage::{Damage, Wanted, find, survey};
use sshwhy_keyfile::public_write;
use sshwhy_keys::{Encoding, Format, PublicKey, base64, load_public};
use zeroize::Zeroizing;

/// The file as it should be, where that is certain.
pub(super) fn restore(data: &[u8], before: &Diagnosis) -> Option<Restored> {
    if before.is_private() {
        return None;
    }
    let mut done = Vec::new();
    if matches!(before.format, Some(Format::Rfc4716)) {
        let key = load_public(data).ok()?;
        done.push("the RFC 4716 block became the one line that sshd reads".into());
        return Some(Restored {
            bytes: Zeroizing::new(public_write::line(&key.key, &key.comment)),
            done,
        });
    }
    let mut text = plain(data, before.encoding, &mut done);
    if text.contains(&b'\r') {
        let lone = !text.contains(&b'\n');
        text = if lone {
            text.iter()
                .map(|&b| if b == b'\r' { b'\n' } else { b })
                .collect()
        } else {
            text.into_iter().filter(|b| *b != b'\r').collect()
        };
        done.push("the lines end in LF now".into());
    }
    if text.split(|&b| b == b'\n').any(|l| l.starts_with(b"> ")) {
        text = unquoted(&text);
        done.push("the mail's quote marks were taken away".into());
    }
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    // Each round mends what it finds; a line may have more than one thing wrong with it.
    for _ in 0..4 {
        let damages = damages(&text);
        if damages.is_empty() {
            break;
        }
        text = mended(&text, &damages, &mut done)?;
    }
    Some(Restored {
        bytes: Zeroizing::new(text),
        done,
    })
}

/// The bytes of the characters.
fn plain(data: &[u8], encoding: Encoding, done: &mut Vec<String>) -> Vec<u8> {
    let unit = match encoding {
        Encoding::Bytes => return data.to_vec(),
        Encoding::Utf8Bom => {
            done.push("the byte order mark was taken away".into());
            return data.get(3..).unwrap_or_default().to_vec();
        }
        Encoding::Utf16Le { .. } => u16::from_le_bytes,
        Encoding::Utf16Be { .. } => u16::from_be_bytes,
    };
    done.push("UTF-16 became plain text".into());
    let units = data.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .filter(|c| *c != '\u{feff}')
        .collect::<String>()
        .into_bytes()
}

fn unquoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|&b| b == b'\n') {
        let mut rest = line;
        while let Some(bare) = rest.strip_prefix(b">") {
            rest = bare.strip_prefix(b" ").unwrap_or(bare);
        }
        out.extend_from_slice(rest);
    }
    out
}

fn damages(text: &[u8]) -> Vec<Damage> {
    let mut all = Vec::new();
    survey(text, &public_file::rules(), |d| {
        all.push(d);
        true
    });
    all
}

/// The lines of one finding.
fn segment(text: &[u8], d: &Damage) -> Vec<u8> {
    let first = usize::try_from(d.line.saturating_sub(1)).unwrap_or(usize::MAX);
    let count = usize::try_from(d.last_line.saturating_sub(d.line)).unwrap_or(0);
    text.split_inclusive(|&b| b == b'\n')
        .skip(first)
        .take(count.saturating_add(1))
        .flatten()
        .copied()
        .collect()
}

/// The line as it should be, where a whole key stands in the text: what is around it is put right
/// for this key, and the result holds its very bytes.
fn by_key(segment: &[u8]) -> Option<Vec<u8>> {
    let rules = public_file::rules();
    let mut broken: Vec<u8> = segment.to_vec();
    broken.retain(|b| !matches!(b, b'\r' | b'\n'));
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let starts = broken.windows(4).enumerate().filter(|(_, w)| *w == b"AAAA");
    for (start, _) in starts {
        let run: Vec<u8> = broken
            .iter()
            .skip(start)
            .copied()
            .take_while(is_base64)
            .collect();
        let Some(key) = base64::decode(&run)
            .ok()
            .and_then(|blob| PublicKey::from_blob(&blob).ok())
        else {
            continue;
        };
        let Some(wanted) = Wanted::new(key.blob(), None) else {
            continue;
        };
        let found = find(segment, &wanted, &rules).damage;
        if let Some(line) = found
            .into_iter()
            .find(|d| d.proven)
            .and_then(|d| d.repaired)
        {
            return Some(line);
        }
    }
    None
}

/// The text with each damaged line as it should be; `None` where one of them cannot be known.
fn mended(text: &[u8], damages: &[Damage], done: &mut Vec<String>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut damages = damages.iter().peekable();
    let mut skip_to = 0u64;
    for (n, line) in text.split_inclusive(|&b| b == b'\n').enumerate() {
        let number = u64::try_from(n).ok()?.checked_add(1)?;
        if number <= skip_to {
            continue;
        }
        match damages.peek() {
            Some(d) if d.line == number => {
                let repaired = match &d.repaired {
                    Some(repaired) => repaired.clone(),
                    None => by_key(&segment(text, d))?,
                };
                out.extend_from_slice(&repaired);
                if !repaired.ends_with(b"\n") {
                    out.push(b'\n');
                }
                done.push(format!("line {number}: {}", d.kind.id()));
                skip_to = d.last_line;
                damages.next();
            }
            _ => out.extend_from_slice(line),
        }
    }
    Some(out)
}
