//! Files in which no key is recognised: what they are instead.

use super::problem::{Place, Problem};
use super::text;

const SSH: &str = "Load key \"FILE\": error in libcrypto";
const PUTTY: &str = "not a recognised key file format";

/// A private key whose first line is not what it should be, so that nothing recognises it.
pub(super) fn broken_private(data: &[u8]) -> Option<Problem> {
    let has = |what: &[u8]| data.windows(what.len()).any(|w| w == what);
    let line_of = |what: &[u8]| {
        text::lines(data).find_map(|l| {
            let place = |w: &[u8]| w.eq_ignore_ascii_case(what);
            Some((l.number, l.text.windows(what.len()).position(place)?))
        })
    };
    let at = |what: &[u8]| {
        line_of(what).map_or(Place::default(), |(line, column)| {
            text::span(data, line, column, column.saturating_add(what.len()))
        })
    };
    let whole_line = text::lines(data).find(|l| {
        let has = |what: &[u8]| l.text.windows(what.len()).any(|w| w == what);
        has(b"-----BEGIN ") && has(b"PRIVATE KEY-----") && has(b"-----END ")
    });
    if let Some(line) = whole_line {
        let escaped = line.text.windows(2).any(|w| w == b"\\n");
        let (id, title) = match escaped {
            true => (
                "key-file-escaped-newlines",
                "the ends of the lines are written as \\n, and all stand on one line",
            ),
            false => (
                "key-file-one-line",
                "the lines of the key were joined into one",
            ),
        };
        return Some(
            Problem::bad(id, title)
                .at_line(line.number)
                .says("ssh", SSH),
        );
    }
    if has(b"b3BlbnNzaC1rZXktdjE") {
        return Some(
            Problem::bad(
                "key-file-begin-line",
                "the line -----BEGIN OPENSSH PRIVATE KEY----- is missing or damaged",
            )
            .at(match line_of(b"BEGIN OPENSSH") {
                Some(_) => at(b"BEGIN OPENSSH"),
                None => Place {
                    line: line_of(b"b3BlbnNzaC1rZXktdjE").and_then(|(l, _)| u64::try_from(l).ok()),
                    ..Place::default()
                },
            })
            .says("ssh", SSH),
        );
    }
    for mark in [b"PRIVATE KEY".as_slice(), b"SSH2 PUBLIC KEY"] {
        if has(mark) {
            return Some(
                Problem::bad(
                    "key-file-begin-line",
                    "the line that begins the key is damaged: -----BEGIN … KEY----- belongs there, \
                 alone on its line",
                )
                .at(at(mark))
                .says("ssh", SSH),
            );
        }
    }
    if has(b"Private-Lines:") || has(b"Public-Lines:") {
        return Some(
            Problem::bad(
                "ppk-first-line",
                "the first line of a PuTTY key file is missing or damaged: \
             PuTTY-User-Key-File-3: and the key type belong there",
            )
            .at_line(1)
            .says("PuTTY", PUTTY),
        );
    }
    None
}

/// A key file that is none: what it is instead, as far as that can be told.
pub(super) fn no_key(data: &[u8]) -> Problem {
    let starts = |magic: &[u8]| data.starts_with(magic);
    if data.is_empty() {
        return Problem::bad("key-file-empty", "the file is empty")
            .says("PuTTY", PUTTY)
            .helped("take it from a backup, or make a new key: sshwhy key generate --output NEW");
    }
    if data.iter().all(u8::is_ascii_whitespace) {
        return Problem::bad("key-file-empty", "the file holds nothing but blanks");
    }
    if data.iter().all(|b| *b == 0) {
        return Problem::bad(
            "key-file-empty",
            "the file holds nothing but zero bytes: it was not written to its end",
        );
    }
    if starts(b"<!DOCTYPE") || starts(b"<html") {
        return Problem::bad("key-file-not-a-key", "a web page, not a key").at_line(1);
    }
    if starts(b"PK\x03\x04") || starts(b"\x1f\x8b") {
        return Problem::bad("key-file-not-a-key", "a packed archive: unpack it first");
    }
    if starts(&[0x30, 0x80]) || starts(&[0x30, 0x81]) || starts(&[0x30, 0x82]) {
        return Problem::bad(
            "key-file-not-a-key",
            "binary DER (PKCS#8, PKCS#12 or a certificate), and SSH programs read text",
        )
        .helped("openssl pkey -inform DER -in FILE -out NEW");
    }
    if let Some(problem) = broken_private(data) {
        return problem;
    }
    if data.contains(&0) {
        return Problem::bad("key-file-not-a-key", "binary data, not a key");
    }
    Problem::bad("key-file-not-a-key", "there is no key in this file").at_line(1)
}
