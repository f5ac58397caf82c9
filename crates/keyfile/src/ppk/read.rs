//! The file taken apart.

use super::{Argon2Cost, Body, CIPHER};
use crate::error::{FileError, FileErrorKind};
use crate::file::{self, Argon2Flavour, Found, Kdf, KeyFile, Problem, Protection};
use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::Range;
use sshwhy_keys::{Ending, Format, PublicKey, veiled_name};
use zeroize::Zeroizing;

/// Longest decoded blob that PuTTY takes (`MAX_KEY_BLOB_SIZE`).
const MAX_BLOB: usize = 262_144;

/// The headers in their order, one by one.
struct Cursor<'f, 'd> {
    found: &'f Found<'d>,
    /// The next line's index in the block.
    at: usize,
    problems: Vec<Problem>,
}

impl<'f> Cursor<'f, '_> {
    fn line(&self, index: usize) -> Option<&'f [u8]> {
        self.found.text.get(index).map(|l| l.text)
    }

    fn problem(&mut self, index: usize, kind: FileErrorKind) {
        if let Some(line) = self.found.text.get(index) {
            self.problems.push(Problem {
                line: line.number,
                kind,
            });
        }
    }

    fn is_last(&self, index: usize) -> bool {
        index.saturating_add(1) >= self.found.text.len()
    }

    /// The value of the next header, which must be one of these: which, its line's index, the value.
    fn header(
        &mut self,
        names: &[&'static str],
        missing: &'static str,
    ) -> Result<(&'static str, usize, &'f [u8]), FileError> {
        let at = self.at;
        let fail = |kind| Err(self.found.fail(at, kind));
        let Some(line) = self.line(at) else {
            return fail(FileErrorKind::Truncated(missing));
        };
        let text = line.trim_ascii_start();
        let known = names.iter().find_map(|&name| {
            let value = text.strip_prefix(name.as_bytes())?.strip_prefix(b":")?;
            Some((name, value))
        });
        let Some((name, value)) = known else {
            let cut = self.is_last(at) && names.iter().any(|n| n.as_bytes().starts_with(text));
            return fail(if cut {
                FileErrorKind::Truncated(missing)
            } else if looks_like_header(text) {
                FileErrorKind::Missing(missing)
            } else {
                FileErrorKind::Expected {
                    expected: missing,
                    // A line that is no header may be one of the private key.
                    found: Vec::new(),
                }
            });
        };
        self.at = at.saturating_add(1);
        let bare = value.strip_prefix(b" ");
        if text.len() != line.len() || (bare.is_none() && !value.is_empty()) {
            let kind = FileErrorKind::Expected {
                expected: "no blank before a header's name and one behind its colon",
                found: text.get(..name.len()).unwrap_or_default().to_owned(),
            };
            self.problem(at, kind);
        }
        let value = bare.unwrap_or(value);
        if name == "Comment" {
            return Ok((name, at, value));
        }
        if value.is_empty() && self.is_last(at) {
            return fail(FileErrorKind::Truncated(missing));
        }
        let trimmed = value.trim_ascii();
        if trimmed.len() != value.len() {
            self.problem(
                at,
                FileErrorKind::Expected {
                    expected: "no blanks around a header's value",
                    found: veiled_name(value),
                },
            );
        }
        Ok((name, at, trimmed))
    }

    fn number(&mut self, name: &'static str) -> Result<u32, FileError> {
        let (_, at, value) = self.header(&[name], name)?;
        core::str::from_utf8(value)
            .ok()
            .filter(|v| v.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|v| v.parse().ok())
            .ok_or_else(|| {
                let expected = "a number";
                let found = veiled_name(value);
                self.found
                    .fail_at(at, name.len(), FileErrorKind::Expected { expected, found })
            })
    }

    /// The base64 under a header that counts its lines, decoded, and its lines.
    fn lines(
        &mut self,
        name: &'static str,
        part: &'static str,
    ) -> Result<(Zeroizing<Vec<u8>>, Range<usize>), FileError> {
        let header = self.at;
        let says = self.number(name)?;
        let start = self.at;
        // Base64 has no colon, and every header has one.
        let mut end = start;
        while self.line(end).is_some_and(|l| !l.contains(&b':')) {
            end = end.saturating_add(1);
        }
        let filled =
            || (start..end).filter(|&n| self.line(n).is_some_and(|l| !l.trim_ascii().is_empty()));
        let there = u32::try_from(filled().count()).unwrap_or(u32::MAX);
        // What follows is the beginning of a header's name that was cut within it.
        let at_end = end >= self.found.text.len();
        if at_end && (there <= says || there == 0) {
            let kind = FileErrorKind::Truncated(part);
            return Err(self.found.fail(end, kind));
        }
        if at_end {
            return Err(self.found.fail(
                start.saturating_add(usize::try_from(says).unwrap_or(usize::MAX)),
                FileErrorKind::Truncated("the part behind the base64"),
            ));
        }
        if there != says {
            self.problem(
                header,
                FileErrorKind::LineCount {
                    header: name,
                    says,
                    found: there,
                },
            );
        }
        let odd = (start..end).find(|&n| {
            self.line(n)
                .is_some_and(|l| l.is_empty() || l.len() > 64 || !l.len().is_multiple_of(4))
        });
        if let Some(odd) = odd {
            self.problem(
                odd,
                FileErrorKind::Expected {
                    expected: "a line of 4 to 64 characters of base64, in groups of 4",
                    found: Vec::new(),
                },
            );
        }
        let blob = self.found.base64(start..end)?;
        if blob.len() > MAX_BLOB {
            let kind = FileErrorKind::TooBig("PuTTY takes 262144 bytes of a key");
            return Err(self.found.fail(start, kind));
        }
        self.at = end;
        Ok((blob, start..end))
    }
}

fn looks_like_header(line: &[u8]) -> bool {
    line.iter().position(|&b| b == b':').is_some_and(|colon| {
        line.iter()
            .take(colon)
            .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    })
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| {
        char::from(b)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|&[hi, lo]| Some((digit(hi)? << 4) | digit(lo)?))
        .collect()
}

/// Takes the block apart.
pub(crate) fn read(found: &Found<'_>) -> Result<KeyFile, FileError> {
    let version = match found.block.format {
        Format::Ppk { version, .. } => version,
        _ => 0,
    };
    let first = match version {
        1 => "PuTTY-User-Key-File-1",
        2 => "PuTTY-User-Key-File-2",
        3 => "PuTTY-User-Key-File-3",
        _ => {
            let kind = FileErrorKind::Unsupported(b"this version of PuTTY's format".to_vec());
            return Err(found.fail(0, kind));
        }
    };
    let mut c = Cursor {
        found,
        at: 0,
        problems: Vec::new(),
    };
    let (_, _, label) = c.header(&[first], "the key type")?;
    let (_, encryption_at, encryption) = c.header(&["Encryption"], "Encryption")?;
    let encrypted = match encryption {
        b"none" => false,
        CIPHER => true,
        other => {
            let cut = c.is_last(encryption_at)
                && (b"none".starts_with(other) || CIPHER.starts_with(other));
            return Err(found.fail(
                encryption_at,
                if cut {
                    FileErrorKind::Truncated("Encryption")
                } else {
                    FileErrorKind::Unsupported(veiled_name(other))
                },
            ));
        }
    };
    let (_, _, comment) = c.header(&["Comment"], "Comment")?;
    let (blob, lines) = c.lines("Public-Lines", "the public key")?;
    let public = PublicKey::from_blob(&blob)
        .map_err(|e| found.fail(lines.start, FileErrorKind::Public(e)))?;
    if label != public.key_type().name() {
        c.problem(
            0,
            FileErrorKind::Expected {
                expected: "the key type that the public key has",
                found: veiled_name(label),
            },
        );
    }
    let starts = |name: &[u8]| c.line(c.at).is_some_and(|l| l.starts_with(name));
    let (has_cost, has_none) = (starts(b"Key-Derivation:"), starts(b"Private-Lines:"));
    if has_cost && !encrypted {
        let kind = FileErrorKind::Expected {
            expected: "aes256-cbc, for Key-Derivation follows",
            found: encryption.to_owned(),
        };
        return Err(found.fail(encryption_at, kind));
    }
    let cost_at = c.at;
    let cost = if has_cost || (version == 3 && encrypted && !has_none) {
        Some(argon2(&mut c)?)
    } else {
        None
    };
    let (private, lines) = c.lines("Private-Lines", "the private key")?;
    if encrypted && !private.len().is_multiple_of(16) {
        c.problem(
            lines.start,
            FileErrorKind::Structure {
                at: private.len(),
                expected: "whole blocks of 16 bytes",
            },
        );
    }
    // The digit in the first line may have been changed: the rest of the file tells.
    let claimed = version;
    let version = if cost.is_some() { 3 } else { claimed };
    let (mac, is_hash, version) = mac(&mut c, version, cost.is_some())?;
    if version == 3 && encrypted && cost.is_none() {
        return Err(found.fail(cost_at, FileErrorKind::Missing("Key-Derivation")));
    }
    if version != claimed {
        c.problem(
            0,
            FileErrorKind::Expected {
                expected: match version {
                    3 => "version 3, which the rest of the file has",
                    _ => "version 2, which the rest of the file has",
                },
                found: claimed.to_string().into_bytes(),
            },
        );
    }

    let protection = match (&cost, encrypted) {
        (_, false) => Protection::None,
        (Some(cost), true) => Protection::Passphrase {
            cipher: CIPHER.to_owned(),
            kdf: Kdf::Argon2 {
                flavour: cost.flavour,
                memory: cost.memory,
                passes: cost.passes,
                parallelism: cost.parallelism,
                salt: cost.salt.len(),
            },
        },
        (None, true) => Protection::Passphrase {
            cipher: CIPHER.to_owned(),
            kdf: Kdf::PpkSha1,
        },
    };
    let body = Body {
        version,
        label: label.to_owned(),
        cost,
        private,
        private_at: found
            .text
            .get(lines.start)
            .map_or((0, 0), |l| (l.number, l.offset)),
        mac,
        is_hash,
    };
    let problems = c.problems;
    let mut file = found.key_file(
        Some(public),
        Some(comment.to_owned()),
        protection,
        file::Body::Ppk(body),
    );
    file.problems = problems;
    Ok(file)
}

fn argon2(c: &mut Cursor<'_, '_>) -> Result<Argon2Cost, FileError> {
    let (_, at, name) = c.header(&["Key-Derivation"], "Key-Derivation")?;
    let flavour = match name {
        b"Argon2d" => Argon2Flavour::D,
        b"Argon2i" => Argon2Flavour::I,
        b"Argon2id" => Argon2Flavour::Id,
        other => {
            let kind = FileErrorKind::Unsupported(veiled_name(other));
            return Err(c.found.fail(at, kind));
        }
    };
    let memory = c.number("Argon2-Memory")?;
    let passes = c.number("Argon2-Passes")?;
    let parallelism = c.number("Argon2-Parallelism")?;
    let (_, at, text) = c.header(&["Argon2-Salt"], "Argon2-Salt")?;
    let salt = hex(text).ok_or_else(|| {
        let expected = "pairs of hexadecimal digits";
        let found = veiled_name(text);
        let column = "Argon2-Salt: ".len();
        c.found
            .fail_at(at, column, FileErrorKind::Expected { expected, found })
    })?;
    Ok(Argon2Cost {
        flavour,
        memory,
        passes,
        parallelism,
        salt,
    })
}

/// The MAC, whether it is a hash alone, and the version that its length belongs to.
fn mac(
    c: &mut Cursor<'_, '_>,
    version: u32,
    certain: bool,
) -> Result<(Vec<u8>, bool, u32), FileError> {
    let names: &[&'static str] = match version {
        1 => &["Private-MAC", "Private-Hash"],
        _ => &["Private-MAC"],
    };
    let (name, at, text) = c.header(names, "Private-MAC")?;
    let ends = c
        .found
        .text
        .get(at)
        .is_some_and(|l| l.ending != Ending::None);
    let version = match (text.len(), version) {
        // Without an end of the line it is rather a longer one that was cut.
        (40, 3) if ends && !certain => 2,
        (64, 1 | 2) => 3,
        (_, version) => version,
    };
    let (digits, expected) = match version {
        3 => (64, "64 hexadecimal digits"),
        _ => (40, "40 hexadecimal digits"),
    };
    let Some(mac) = hex(text).filter(|_| text.len() == digits) else {
        let whole = text.iter().all(u8::is_ascii_hexdigit);
        let kind = if whole && text.len() < digits {
            FileErrorKind::Truncated("the MAC")
        } else {
            FileErrorKind::Expected {
                expected,
                found: veiled_name(text),
            }
        };
        let column = name.len().saturating_add(2);
        return Err(c.found.fail_at(at, column, kind));
    };
    if text.iter().any(u8::is_ascii_uppercase) {
        // PuTTY compares the text: "MAC failed".
        c.problem(
            at,
            FileErrorKind::Expected {
                expected: "a MAC in lower case",
                found: veiled_name(text),
            },
        );
    }
    Ok((mac, name == "Private-Hash", version))
}
