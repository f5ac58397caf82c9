//! What a file is, and everything that is wrong with it.

use super::problem::{Place, Problem};
use super::{public_file, structure, text};
use sshwhy_keyfile::{KeyFile, PrivateKey, UnlockError};
use sshwhy_keys::{Block, Encoding, Format, LoadedPublic, Sniffed, load_public, sniff};
use zeroize::Zeroizing;

/// A file looked through.
pub(super) struct Diagnosis {
    /// What the first key in it is.
    pub(super) format: Option<Format>,
    pub(super) encoding: Encoding,
    /// The private key file, where it is one that can be taken apart.
    pub(super) file: Option<KeyFile>,
    /// The public half, from wherever it stands.
    pub(super) public: Option<LoadedPublic>,
    /// What came of the private half.
    pub(super) private: Private,
    /// What is wrong, gravest first.
    pub(super) problems: Vec<Problem>,
}

/// What came of the private half.
pub(super) enum Private {
    /// There is none in the file.
    None,
    /// It is encrypted, and no passphrase was given.
    Locked,
    /// It is there and whole, and the public half is its own.
    Open(Box<PrivateKey>),
    /// The passphrase does not open it.
    WrongPassphrase,
    /// It is damaged, or of another key than the public half.
    Damaged,
    /// This program cannot look into it.
    NotLooked,
}

impl Diagnosis {
    /// Whether anything is damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.problems.iter().any(Problem::is_damage)
    }

    /// Whether the file holds a private key, whole or not.
    pub(super) fn is_private(&self) -> bool {
        self.format.as_ref().is_some_and(Format::is_private)
    }
}

/// The data with LF for CR, where lines end in CR alone; places stay what they were.
pub(super) fn with_lf(data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    text::is_cr_only(data).then(|| {
        Zeroizing::new(
            data.iter()
                .map(|&b| if b == b'\r' { b'\n' } else { b })
                .collect(),
        )
    })
}

/// Looks a file through. A passphrase that is not needed is not looked at.
pub(super) fn diagnose(data: &[u8], name: &[u8], passphrase: Option<&[u8]>) -> Diagnosis {
    let with_lf = with_lf(data);
    let plain = with_lf.as_deref().map_or(data, Vec::as_slice);
    let sniffed = sniff(plain);
    let block = sniffed
        .blocks
        .iter()
        .find(|b| b.format.is_private())
        .or(sniffed.blocks.first());
    let mut out = Diagnosis {
        format: block.map(|b| b.format.clone()),
        encoding: sniffed.encoding,
        file: None,
        public: load_public(plain).ok(),
        private: Private::None,
        problems: Vec::new(),
    };
    match block {
        Some(block) if block.format.is_private() => {
            private(&mut out, plain, data, &sniffed, block, passphrase);
        }
        _ => public_file::diagnose(&mut out, data, name),
    }
    // Stable: what stands further up in the file stays first among its like.
    out.problems.sort_by_key(|p| !p.is_damage());
    out
}

fn private(
    out: &mut Diagnosis,
    plain: &[u8],
    data: &[u8],
    sniffed: &Sniffed,
    block: &Block,
    passphrase: Option<&[u8]>,
) {
    out.problems = text::around(data, sniffed.encoding, block);
    let more = sniffed
        .blocks
        .iter()
        .filter(|b| b.format.is_private())
        .count()
        .saturating_sub(1);
    if more > 0 {
        out.problems.push(
            Problem::note(
                "key-file-more-keys",
                format!(
                    "{} more in the file: programs read the first one alone",
                    text::count(more, "private key")
                ),
            )
            .at_line(block.line),
        );
    }
    let file = match sshwhy_keyfile::read(data) {
        Ok(file) => file,
        Err(error) => {
            out.private = Private::Damaged;
            out.problems.push(structure::of_file(&error, plain, block));
            return;
        }
    };
    out.problems.extend(
        file.problems
            .iter()
            .map(|p| structure::of_problem(p, &file.format, plain, block)),
    );
    // A file that is taken apart although its end mark is missing lacks the mark alone.
    if block.unterminated && !out.problems.iter().any(|p| p.id == "key-file-truncated") {
        out.problems.push(structure::unterminated(plain, block));
    }
    out.private = match file.unlock(passphrase) {
        Ok(key) => Private::Open(Box::new(key)),
        Err(UnlockError::PassphraseNeeded) => Private::Locked,
        Err(error) => {
            let state = match error {
                UnlockError::WrongPassphrase | UnlockError::WrongOrDamaged { .. } => {
                    Private::WrongPassphrase
                }
                UnlockError::Unsupported(_) => Private::NotLooked,
                _ => Private::Damaged,
            };
            // What is told already explains why the MAC does not fit.
            let told = out
                .problems
                .iter()
                .any(|p| p.is_damage() && p.id.starts_with("ppk-"));
            let problem = structure::of_unlock(&error, &file, plain, block);
            if !(told && problem.id == "ppk-mac-mismatch") {
                out.problems.push(problem);
            }
            state
        }
    };
    out.file = Some(file);
}

/// A key file that is none: what it is instead, as far as that can be told.
pub(super) fn no_key(data: &[u8]) -> Problem {
    let starts = |magic: &[u8]| data.starts_with(magic);
    let has = |what: &[u8]| data.windows(what.len()).any(|w| w == what);
    let line_of = |what: &[u8]| {
        text::lines(data)
            .find(|l| l.text.windows(what.len()).any(|w| w == what))
            .map(|l| {
                (
                    l.number,
                    l.text
                        .windows(what.len())
                        .position(|w| w == what)
                        .unwrap_or(0),
                )
            })
    };
    let at = |what: &[u8]| {
        line_of(what).map_or(Place::default(), |(line, column)| {
            text::span(data, line, column, column.saturating_add(what.len()))
        })
    };
    if data.is_empty() {
        return Problem::bad("key-file-empty", "the file is empty")
            .says("PuTTY", "not a recognised key file format")
            .helped("take it from a backup, or make a new key: sshwhy key generate --output FILE");
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
        .helped("openssl pkey -inform DER -in FILE -out FILE.pem");
    }
    if has(b"b3BlbnNzaC1rZXktdjE") {
        return Problem::bad(
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
        .says("ssh", "Load key \"FILE\": error in libcrypto");
    }
    for mark in [b"PRIVATE KEY".as_slice(), b"SSH2 PUBLIC KEY"] {
        if has(mark) {
            return Problem::bad(
                "key-file-begin-line",
                "the line that begins the key is damaged: -----BEGIN … KEY----- belongs there, \
                 alone on its line",
            )
            .at(at(mark))
            .says("ssh", "Load key \"FILE\": error in libcrypto");
        }
    }
    if has(b"Private-Lines:") || has(b"Public-Lines:") {
        return Problem::bad(
            "ppk-first-line",
            "the first line of a PuTTY key file is missing or damaged: \
             PuTTY-User-Key-File-3: and the key type belong there",
        )
        .at_line(1)
        .says("PuTTY", "not a recognised key file format");
    }
    if data.contains(&0) {
        return Problem::bad("key-file-not-a-key", "binary data, not a key");
    }
    Problem::bad("key-file-not-a-key", "there is no key in this file").at_line(1)
}
