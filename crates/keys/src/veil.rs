//! What may be quoted of a file that may hold a private key.
//!
//! The base64 of a private part has no mark of its own: the private line of an Ed25519 PPK begins
//! with `AAAA` as every public key does, and a header may have lost its end of line. So nothing is
//! shown unless its place and its shape prove it harmless. What is not is masked with as many `*`
//! as it has bytes, so that columns stay what they are.

use crate::base64;
use crate::public::PublicKey;
use crate::types::KeyType;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

/// Shortest run of base64 characters that is masked in a text which is words by its place: shorter
/// ones tell nothing that could be used.
pub const SHORT: usize = 12;

/// The same in the comment of a file that is whole: shorter than any line of a private key.
pub const LONG: usize = 44;

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// Lower case, upper case or Capitalised, perhaps with a number behind it; in a path too. Of runs of
/// twelve random characters fewer than one in a thousand look so.
fn is_wordlike(run: &[u8]) -> bool {
    run.split(|b| matches!(b, b'/' | b'+' | b'=')).all(|part| {
        let digits = part.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let letters = part
            .get(..part.len().saturating_sub(digits))
            .unwrap_or_default();
        let (first, rest) = letters.split_first().unwrap_or((&b'a', b""));
        let lower = rest.iter().all(u8::is_ascii_lowercase) && first.is_ascii_alphabetic();
        let upper = letters.iter().all(u8::is_ascii_uppercase);
        (lower || upper) && (digits <= 8 || letters.is_empty())
    })
}

fn runs(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0usize;
    core::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let start = at.saturating_add(rest.iter().position(|&b| is_base64(b))?);
        let len = text
            .get(start..)?
            .iter()
            .take_while(|&&b| is_base64(b))
            .count();
        at = start.saturating_add(len);
        Some(start..at)
    })
}

fn mask(out: &mut [u8], range: Range<usize>) {
    if let Some(part) = out.get_mut(range) {
        part.iter_mut()
            .filter(|b| !matches!(b, b' ' | b'\t'))
            .for_each(|b| *b = b'*');
    }
}

/// A text that is words by its place (a comment, a prompt): runs of at least `least` characters of
/// base64 that are no words are masked.
#[must_use]
pub fn veiled_text(text: &[u8], least: usize) -> Vec<u8> {
    let mut out = text.to_owned();
    for run in runs(text).filter(|r| r.len() >= least) {
        if !text.get(run.clone()).is_some_and(is_wordlike) {
            mask(&mut out, run);
        }
    }
    out
}

/// A name that was found where the format has one (a cipher, a key type, a number): as it is where
/// it can be one, and else its length alone.
#[must_use]
pub fn veiled_name(name: &[u8]) -> Vec<u8> {
    let plain = name.iter().all(|b| matches!(b, b' '..=b'~'));
    // An initialisation vector, a MAC: a dozen of random characters look otherwise.
    let hex = |b: &u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    let hex = name.iter().all(hex)
        || name.to_ascii_lowercase().iter().all(hex) && {
            name.iter().all(|b| !b.is_ascii_lowercase())
        };
    if hex || plain && name.len() <= 80 && veiled_text(name, SHORT) == name {
        return name.to_owned();
    }
    format!("({} bytes, not shown)", name.len()).into_bytes()
}

/// A line of a file: marks, headers with values that such a header has, and public keys that are
/// proven to be some are shown, and words between them. All else is masked.
#[must_use]
pub fn veiled_line(line: &[u8]) -> Vec<u8> {
    let mut out = line.to_owned();
    let readable = core::str::from_utf8(line).is_ok()
        && !line.iter().any(|b| b.is_ascii_control() && *b != b'\t');
    if !readable {
        mask(&mut out, 0..line.len());
        return out;
    }
    if !is_mark(line) && !header(line, &mut out) {
        keys(line, 0, &mut out);
    }
    out
}

/// `-----BEGIN RSA PRIVATE KEY-----` and what damage leaves of it: no word but those.
fn is_mark(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 14] = [
        b"BEGIN",
        b"END",
        b"OPENSSH",
        b"RSA",
        b"DSA",
        b"EC",
        b"SSH",
        b"SSH2",
        b"ENCRYPTED",
        b"PRIVATE",
        b"PUBLIC",
        b"KEY",
        b"CERTIFICATE",
        b"PARAMETERS",
    ];
    let mut words = line
        .split(|b| !b.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .peekable();
    words.peek().is_some()
        && words.all(|w| WORDS.iter().any(|known| known.eq_ignore_ascii_case(w)))
        && line
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b" \t->".contains(b) || *b >= 0x80)
}

/// A header; whether it is one. A value that such a header does not have is masked.
fn header(line: &[u8], out: &mut [u8]) -> bool {
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return false;
    };
    let (head, tail) = line.split_at(colon);
    let name = head.trim_ascii_start();
    let value = tail.get(1..).unwrap_or_default().trim_ascii();
    let digits = |most: usize| value.len() <= most && value.iter().all(u8::is_ascii_digit);
    let hex = |v: &[u8]| v.len() <= 128 && v.iter().all(u8::is_ascii_hexdigit);
    let words = |known: &[&[u8]]| known.contains(&value);
    let known = match name {
        b"PuTTY-User-Key-File-1" | b"PuTTY-User-Key-File-2" | b"PuTTY-User-Key-File-3" => {
            !matches!(KeyType::from_label(value), KeyType::Other(_))
        }
        b"Encryption" => words(&[b"none", b"aes256-cbc"]),
        b"Key-Derivation" => words(&[b"Argon2id", b"Argon2i", b"Argon2d"]),
        b"Public-Lines" | b"Private-Lines" => digits(6),
        b"Argon2-Memory" | b"Argon2-Passes" | b"Argon2-Parallelism" => digits(10),
        b"Argon2-Salt" | b"Private-MAC" | b"Private-Hash" => hex(value),
        b"Proc-Type" => words(&[b"4,ENCRYPTED"]),
        b"DEK-Info" => value
            .split(|&b| b == b',')
            .all(|part| hex(part) || veiled_name(part) == part),
        b"Comment" | b"Subject" => {
            out.copy_from_slice(&veiled_text(line, SHORT));
            return true;
        }
        _ => return false,
    };
    if !known {
        mask(out, colon.saturating_add(1)..line.len());
    }
    true
}

/// Words of a line with their places.
fn words(line: &[u8], from: usize) -> impl Iterator<Item = (Range<usize>, &[u8])> {
    let mut at = from;
    core::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let blank = |b: &u8| matches!(b, b' ' | b'\t');
        let start = at.saturating_add(rest.iter().position(|b| !blank(b))?);
        let word = line.get(start..)?.split(blank).next()?;
        at = start.saturating_add(word.len());
        Some((start..at, word))
    })
}

/// A line from byte `from` on: its public keys, and the text around them.
fn keys(line: &[u8], from: usize, out: &mut [u8]) {
    let mut start = from;
    loop {
        let mut previous: Option<KeyType> = None;
        let mut found = None;
        for (place, word) in words(line, start) {
            if let Some(label) = previous.take().filter(|_| word.starts_with(b"AAAA")) {
                found = Some((label, place, word));
                break;
            }
            // `"ssh-ed25519` behind a quote mark or glued text is a label too.
            let known = KeyType::from_label(word);
            previous = (!matches!(known, KeyType::Other(_))).then_some(known);
        }
        let Some((label, place, word)) = found else {
            plain(line, start..line.len(), out);
            return;
        };
        plain(line, start..place.start, out);
        let shown = proven(&label, word);
        mask(out, place.start.saturating_add(shown)..place.end);
        start = place.end;
    }
}

/// How many characters of the base64 are proven to be those of a public key of that type.
fn proven(label: &KeyType, word: &[u8]) -> usize {
    let key = base64::decode(word)
        .ok()
        .and_then(|blob| PublicKey::from_blob(&blob).ok());
    if key.is_some_and(|k| k.key_type() == label) {
        return word.len();
    }
    // The name of the type and its length, which a private part does not begin with.
    let name = label.name();
    let len = u32::try_from(name.len()).unwrap_or(0).to_be_bytes();
    let begin = base64::encode(&[len.as_slice(), name].concat());
    // The last character may depend on what follows.
    let certain = name.len().saturating_add(4).saturating_mul(8) / 6;
    begin
        .bytes()
        .zip(word)
        .take(certain)
        .take_while(|(a, b)| a == *b)
        .count()
}

/// Text that is no key: words are shown, as long as they are words; what stands in quotes behind
/// `command=` and `environment=` is not.
fn plain(line: &[u8], range: Range<usize>, out: &mut [u8]) {
    let Some(text) = line.get(range.clone()) else {
        return;
    };
    let mut letters = 0usize;
    for run in runs(text) {
        let part = text.get(run.clone()).unwrap_or_default();
        let place = range.start.saturating_add(run.start)..range.start.saturating_add(run.end);
        // A key whose characters stand apart looks like many short words.
        letters = if part.len() <= 3 {
            letters.saturating_add(1)
        } else {
            0
        };
        if letters > 8 || (part.len() > 3 && !is_wordlike(part) && !is_type(line, &place)) {
            mask(out, place);
        }
        if letters > 8 {
            mask(out, range);
            return;
        }
    }
    for name in [b"command=\"".as_slice(), b"environment=\""] {
        let mut at = 0usize;
        while let Some(n) = text.get(at..).and_then(|t| {
            t.windows(name.len())
                .position(|w| w.eq_ignore_ascii_case(name))
        }) {
            let start = at.saturating_add(n).saturating_add(name.len());
            let rest = text.get(start..).unwrap_or_default();
            let len = rest.iter().position(|&b| b == b'"').unwrap_or(rest.len());
            let first = range.start.saturating_add(start);
            mask(out, first..first.saturating_add(len));
            at = start.saturating_add(len);
        }
    }
}

/// Whether the word around a run is the name of a key type: `ecdsa-sha2-nistp256`.
fn is_type(line: &[u8], run: &Range<usize>) -> bool {
    words(line, 0).any(|(place, word)| {
        place.start <= run.start
            && run.end <= place.end
            && !matches!(KeyType::from_label(word), KeyType::Other(_))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn line(text: &str) -> String {
        String::from_utf8(veiled_line(text.as_bytes())).unwrap()
    }

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS";
    /// The private line of an Ed25519 PPK.
    const PRIVATE: &str = "AAAAIBvLTS1gmQfQZzmyOaCjTSmMDYmzhuQ9sGZQ4HuXzqcO";

    fn tells(shown: &str) -> bool {
        PRIVATE
            .as_bytes()
            .windows(SHORT)
            .any(|w| shown.as_bytes().windows(SHORT).any(|s| s == w))
    }

    #[test]
    fn a_public_key_is_shown_and_a_private_line_never_wherever_it_stands() {
        let proven = alloc::format!("{KEY} alice@laptop");
        if base64::decode(KEY.split(' ').nth(1).unwrap().as_bytes())
            .is_ok_and(|b| PublicKey::from_blob(&b).is_ok())
        {
            assert_eq!(line(&proven), proven);
        }
        for before in [
            "",
            "  ",
            "\t",
            "> ",
            "ssh-ed25519 ",
            "\"",
            "<pre>",
            "Private-Lines: 1",
            "Comment: ",
            "Public-Lines: ",
            "Encryption: none",
            "Private-MAC: ",
            "$ cat ",
            "key=",
            "-----BEGIN ",
            "PuTTY-User-Key-File-3: ",
            "DEK-Info: AES-128-CBC,",
            "command=\"",
        ] {
            for after in ["", " ", "\r", "\"", "</pre>", "-----", " alice@laptop"] {
                let text = [before, PRIVATE, after].concat();
                assert!(!tells(&line(&text)), "{text}: {}", line(&text));
                assert_eq!(line(&text).len(), text.len());
                let behind = [KEY, before, PRIVATE, after].concat();
                assert!(!tells(&line(&behind)), "{behind}: {}", line(&behind));
            }
        }
    }

    #[test]
    fn spread_out_and_wide_characters_are_not_shown() {
        let apart: String = PRIVATE.chars().flat_map(|c| [c, ' ']).collect();
        assert!(line(&apart).bytes().all(|b| b == b'*' || b == b' '));
        let wide: String = PRIVATE.chars().flat_map(|c| [c, '\0']).collect();
        assert!(line(&wide).bytes().all(|b| b == b'*'));
        assert!(line(&PRIVATE[..10]).bytes().all(|b| b == b'*'));
    }

    #[test]
    fn marks_headers_and_words_are_shown() {
        for text in [
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "> ----BEGIN RSA PRIVATE KEY----- ",
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "Private-Lines: 1",
            "Argon2-Salt: 0123456789abcdef0123456789abcdef",
            "Comment: eddsa-key-20260101 of the laptop",
            "alice@host:~$ cat /home/alice/.ssh/id_rsa",
            "DEK-Info: AES-128-CBC,0123456789ABCDEF0123456789ABCDEF",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn of_a_key_cut_off_the_type_within_it_is_shown() {
        let cut = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1H";
        assert_eq!(line(cut), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5***************");
    }

    #[test]
    fn a_name_is_shown_and_bytes_are_counted() {
        assert_eq!(
            veiled_name(b"aes256-gcm@openssh.com"),
            b"aes256-gcm@openssh.com"
        );
        assert_eq!(veiled_name(PRIVATE.as_bytes()), b"(48 bytes, not shown)");
        assert_eq!(veiled_name(&[0x80; 32]), b"(32 bytes, not shown)");
    }
}
