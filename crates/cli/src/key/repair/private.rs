//! Private key files put right: what stands around the key taken away, its text laid out anew.

use super::Restored;
use crate::key::diagnose::{Diagnosis, Private, diagnose, with_lf};
use crate::key::text;
use sshwhy_keys::{Block, BlockText, Encoding, Format, PublicKey, base64, sniff};
use zeroize::Zeroizing;

/// The file as it should be, where that is certain.
pub(super) fn restore(
    data: &[u8],
    before: &Diagnosis,
    passphrase: Option<&[u8]>,
) -> Option<Restored> {
    if before.format.as_ref().is_some_and(|f| !f.is_private()) {
        return None;
    }
    if let Some((text, what)) = rebuilt(data) {
        let again = diagnose(&text, b"", passphrase);
        let mut restored = restore(&text, &again, passphrase)?;
        restored.done.insert(0, what.into());
        return Some(restored);
    }
    let lf = with_lf(data);
    let plain = lf.as_deref().map_or(data, Vec::as_slice);
    let sniffed = sniff(plain);
    let Some(block) = sniffed.blocks.iter().find(|b| b.format.is_private()) else {
        return bare_openssh(plain);
    };
    let mut done = around(plain, sniffed.encoding, block, lf.is_some());
    let text = BlockText::new(plain, block);
    let laid_out = match &block.format {
        Format::Ppk { .. } => ppk(&text, &mut done)?,
        Format::OpensshPrivate => armoured(&text, b"OPENSSH PRIVATE KEY", 70, block, &mut done)?,
        Format::Pem { label, .. } => armoured(&text, label, 64, block, &mut done)?,
        _ => return None,
    };
    let restored = Restored {
        bytes: laid_out,
        done,
    };
    if !matches!(block.format, Format::Ppk { .. }) {
        return Some(restored);
    }
    proven(restored, before, passphrase)
}

/// A file whose first line is lost, or whose line ends are written as `\n`.
fn rebuilt(data: &[u8]) -> Option<(Zeroizing<Vec<u8>>, &'static str)> {
    let has = |what: &[u8]| data.windows(what.len()).any(|w| w == what);
    if has(b"-----\\n") && has(b"\\n-----END ") {
        let mut out = Zeroizing::new(Vec::with_capacity(data.len()));
        let mut rest = data;
        while let Some((first, tail)) = rest.split_first() {
            match rest.strip_prefix(b"\\n") {
                Some(tail) => {
                    out.push(b'\n');
                    rest = tail;
                }
                None => {
                    out.push(*first);
                    rest = tail;
                }
            }
        }
        return Some((out, "each \\n became the end of a line"));
    }
    if data.starts_with(b"Encryption: ") {
        let value = |name: &[u8]| {
            text::lines(data)
                .find_map(|l| Some((l.number, l.text.strip_prefix(name)?.trim_ascii())))
        };
        // The MAC's length tells the version, the public key its type.
        let version = match value(b"Private-MAC:")?.1.len() {
            64 => "3",
            40 => "2",
            _ => return None,
        };
        let (at, _) = value(b"Public-Lines:")?;
        let lines = text::lines(data)
            .skip(at)
            .map(|l| l.text)
            .take_while(|l| !l.contains(&b':'));
        let blob = base64::decode(&joined(lines, data.len())).ok()?;
        let key = PublicKey::from_blob(&blob).ok()?;
        let mut out = Zeroizing::new(Vec::with_capacity(data.len().saturating_add(128)));
        for part in [
            b"PuTTY-User-Key-File-".as_slice(),
            version.as_bytes(),
            b": ",
            key.key_type().name(),
            b"\n",
            data,
        ] {
            out.extend_from_slice(part);
        }
        return Some((
            out,
            "the first line was put back, by the key and the length of the MAC",
        ));
    }
    None
}

/// Of a PPK the MAC tells which of the few things that an edit may have done was done.
fn proven(plain: Restored, before: &Diagnosis, passphrase: Option<&[u8]>) -> Option<Restored> {
    let fits = |bytes: &[u8]| {
        let d = diagnose(bytes, b"", passphrase);
        !d.is_damaged() && matches!(d.private, Private::Open(_))
    };
    // Encrypted, and no passphrase: the layout is all that can be looked at.
    let locked = before
        .file
        .as_ref()
        .is_some_and(|_| matches!(before.private, Private::Locked));
    if locked || fits(&plain.bytes) {
        return Some(plain);
    }
    let mut tries: Vec<(Zeroizing<Vec<u8>>, &str)> = Vec::new();
    let text = &plain.bytes;
    for (from, to) in [(b'2', b'3'), (b'3', b'2')] {
        let head = b"PuTTY-User-Key-File-";
        if text.starts_with(head) && text.get(head.len()) == Some(&from) {
            let mut other = text.clone();
            if let Some(digit) = other.get_mut(head.len()) {
                *digit = to;
            }
            tries.push((
                other,
                "the version in the first line was put back: the MAC proves it",
            ));
        }
    }
    let header = b"\nComment: ";
    if let Some(at) = text.windows(header.len()).position(|w| w == header) {
        let start = at.saturating_add(header.len());
        let (head, rest) = text.split_at_checked(start)?;
        let end = rest.iter().position(|&b| b == b'\n')?;
        let (comment, tail) = rest.split_at_checked(end)?;
        let trimmed = comment.trim_ascii();
        for other in [trimmed.to_vec(), [comment, b" "].concat()] {
            let mut all = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
            for part in [head, &other, tail] {
                all.extend_from_slice(part);
            }
            tries.push((
                all,
                "the blanks around the comment were put back: the MAC proves them",
            ));
        }
    }
    let found = tries.into_iter().find(|(bytes, _)| fits(bytes));
    match found {
        Some((bytes, what)) => {
            let mut done = plain.done;
            done.push(what.into());
            Some(Restored { bytes, done })
        }
        None => Some(plain),
    }
}

/// What of the text around the key is left out.
fn around(data: &[u8], encoding: Encoding, block: &Block, cr_only: bool) -> Vec<String> {
    let mut done = Vec::new();
    let mut say = |what: &str| done.push(what.to_owned());
    match encoding {
        Encoding::Bytes => {}
        Encoding::Utf8Bom => say("the byte order mark was taken away"),
        _ => say("UTF-16 became plain text"),
    }
    if block.quoted {
        say("the mail's quote marks were taken away");
    }
    if block.html {
        say("the HTML tags were taken away");
    }
    if block.line > 1 {
        say("the text before the key was left out");
    }
    let whole = data.get(block.span.clone()).unwrap_or_default();
    if cr_only || whole.contains(&b'\r') {
        say("the lines end in LF now");
    } else if !whole.ends_with(b"\n") && encoding == Encoding::Bytes {
        say("the last line has its newline now");
    }
    done
}

/// Base64 without blanks, in lines of `width`.
fn lay_out(out: &mut Vec<u8>, base64: &[u8], width: usize) {
    for part in base64.chunks(width) {
        out.extend_from_slice(part);
        out.push(b'\n');
    }
}

/// All base64 of these lines.
fn joined<'a>(lines: impl Iterator<Item = &'a [u8]>, room: usize) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    for line in lines {
        out.extend(line.iter().filter(|b| !b.is_ascii_whitespace()));
    }
    out
}

fn room(text: &BlockText) -> usize {
    text.iter().map(|l| l.text.len()).sum()
}

/// A block with BEGIN and END lines.
fn armoured(
    text: &BlockText,
    label: &[u8],
    width: usize,
    block: &Block,
    done: &mut Vec<String>,
) -> Option<Zeroizing<Vec<u8>>> {
    let size = room(text);
    let last = match block.unterminated {
        false => text.len().checked_sub(1)?,
        true => {
            // Whether all is there but its last line, reading it again tells.
            done.push("the END line was added".into());
            let cut = text
                .iter()
                .position(|l| l.text.trim_ascii_start().starts_with(b"-----END"));
            cut.unwrap_or(text.len())
        }
    };
    let inner = || {
        (1..last)
            .filter_map(|n| text.get(n))
            .map(|l| l.text.trim_ascii())
    };
    let headers = inner().take_while(|l| l.contains(&b':')).count();
    let body = joined(inner().skip(headers), size);
    if body.iter().any(|b| !is_base64(*b)) {
        return None;
    }
    let mut out = Zeroizing::new(Vec::with_capacity(
        size.saturating_mul(2).saturating_add(256),
    ));
    for part in [b"-----BEGIN ".as_slice(), label, b"-----\n"] {
        out.extend_from_slice(part);
    }
    for header in inner().take(headers) {
        out.extend_from_slice(header);
        out.push(b'\n');
    }
    if headers > 0 {
        out.push(b'\n');
    }
    lay_out(&mut out, &body, width);
    for part in [b"-----END ".as_slice(), label, b"-----\n"] {
        out.extend_from_slice(part);
    }
    Some(out)
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// An OpenSSH file without its BEGIN line: the content names itself.
fn bare_openssh(data: &[u8]) -> Option<Restored> {
    const MAGIC: &[u8] = b"b3BlbnNzaC1rZXktdjE";
    let start = data.windows(MAGIC.len()).position(|w| w == MAGIC)?;
    let rest = data.get(start..)?;
    let end = rest
        .iter()
        .position(|b| !is_base64(*b) && !b.is_ascii_whitespace())
        .unwrap_or(rest.len());
    let body = joined(std::iter::once(rest.get(..end)?), end);
    let mut out = Zeroizing::new(Vec::with_capacity(
        body.len().saturating_mul(2).saturating_add(256),
    ));
    out.extend_from_slice(b"-----BEGIN OPENSSH PRIVATE KEY-----\n");
    lay_out(&mut out, &body, 70);
    out.extend_from_slice(b"-----END OPENSSH PRIVATE KEY-----\n");
    Some(Restored {
        bytes: out,
        done: vec!["the BEGIN and END lines were put back".into()],
    })
}

/// PuTTY's own format: headers in their order, counts and lines as the base64 has them.
fn ppk(text: &BlockText, done: &mut Vec<String>) -> Option<Zeroizing<Vec<u8>>> {
    const HEADERS: [&[u8]; 11] = [
        b"PuTTY-User-Key-File-",
        b"Encryption:",
        b"Comment:",
        b"Public-Lines:",
        b"Key-Derivation:",
        b"Argon2-Memory:",
        b"Argon2-Passes:",
        b"Argon2-Parallelism:",
        b"Argon2-Salt:",
        b"Private-Lines:",
        b"Private-",
    ];
    let size = room(text);
    let mut out = Zeroizing::new(Vec::with_capacity(
        size.saturating_mul(2).saturating_add(256),
    ));
    let mut public: Option<PublicKey> = None;
    let mut say = |what: &str| {
        if !done.iter().any(|d| d == what) {
            done.push(what.to_owned());
        }
    };
    let mut at = 0;
    while let Some(line) = text.get(at) {
        at = at.saturating_add(1);
        let bare = line.text.trim_ascii_start();
        if bare.is_empty() {
            say("empty lines were taken away");
            continue;
        }
        if !HEADERS.iter().any(|h| bare.starts_with(h)) {
            return None;
        }
        let colon = bare.iter().position(|&b| b == b':')?;
        let (name, value) = bare.split_at_checked(colon)?;
        let value = value.get(1..)?;
        let value = if name == b"Comment" {
            // Its blanks are its own, but for the one behind the colon.
            value.strip_prefix(b" ").unwrap_or(value)
        } else {
            if bare.len() != line.text.len() || value.trim_ascii_end().len() != value.len() {
                say("blanks that PuTTY does not take were taken away");
            }
            value.trim_ascii()
        };
        let mut put = |value: &[u8]| {
            for part in [name, b": ", value, b"\n"] {
                out.extend_from_slice(part);
            }
        };
        if name == b"Public-Lines" || name == b"Private-Lines" {
            let from = at;
            while text.get(at).is_some_and(|l| !l.text.contains(&b':')) {
                at = at.saturating_add(1);
            }
            let lines = || (from..at).filter_map(|n| text.get(n)).map(|l| l.text);
            let body = joined(lines(), size);
            let count = body.len().div_ceil(64).to_string();
            if count.as_bytes() != value {
                say("the counts of lines are those of the lines now");
            }
            if lines().any(|l| l.len() > 64) || lines().filter(|l| l.len() < 64).count() > 1 {
                say("the lines are 64 characters long again");
            }
            put(count.as_bytes());
            lay_out(&mut out, &body, 64);
            if name == b"Public-Lines" {
                public = base64::decode(&body)
                    .ok()
                    .and_then(|b| PublicKey::from_blob(&b).ok());
            }
        } else if name.starts_with(b"Private-") {
            let lower = value.to_ascii_lowercase();
            if lower != value {
                say("the MAC is in lower case now, as PuTTY wants it");
            }
            put(&lower);
        } else {
            put(value);
        }
    }
    // The key type of the first line is that of the key.
    let public = public?;
    let end = out.iter().position(|&b| b == b'\n')?;
    let colon = out.iter().position(|&b| b == b':')?;
    let named = out.get(colon.saturating_add(2)..end)?;
    if named == public.key_type().name() {
        return Some(out);
    }
    say("the key type in the first line is that of the key now");
    let mut whole = Zeroizing::new(Vec::with_capacity(out.len().saturating_add(64)));
    whole.extend_from_slice(out.get(..colon.saturating_add(2))?);
    whole.extend_from_slice(public.key_type().name());
    whole.extend_from_slice(out.get(end..)?);
    Some(whole)
}
