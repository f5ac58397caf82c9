//! What the readers of private key files say, in words with ids.

use super::problem::Problem;
use super::text;
use sshwhy_keyfile::{
    FileError, FileErrorKind as K, Inconsistent, KeyFile, Problem as Odd, UnlockError,
};
use sshwhy_keys::{Block, Format};
use sshwhy_report::Grade;

const PPK_FORMAT: &str = "file format error";
const SSH: &str = "Load key \"FILE\": error in libcrypto";

fn is_ppk(format: Option<&Format>) -> bool {
    matches!(format, Some(Format::Ppk { .. }))
}

/// What PuTTY says about a file of its own that it cannot take apart.
fn said(problem: Problem, format: Option<&Format>) -> Problem {
    match is_ppk(format) {
        true => problem.says("PuTTY", PPK_FORMAT),
        false => problem,
    }
}

/// What PuTTY says when the MAC does not fit.
const MAC_FAILED: &str = "MAC failed (encrypted: Wrong passphrase)";

/// The same, and what ssh says about its own format and PEM.
fn said_by_both(problem: Problem, format: Option<&Format>) -> Problem {
    match format {
        Some(Format::OpensshPrivate | Format::Pem { .. }) => problem.says("ssh", SSH),
        _ => said(problem, format),
    }
}

/// A file that cannot be taken apart.
pub(super) fn of_file(error: &FileError, data: &[u8], block: &Block) -> Problem {
    if block.unterminated
        && !matches!(
            error.kind,
            K::Unsupported(_) | K::Expected { .. } | K::Missing(_)
        )
    {
        return truncated(data, block, Some(&error.kind));
    }
    at_offset(of_kind(&error.kind, error.format.as_ref()), error, data)
}

/// Line and, where the line may be quoted, column of an error.
fn at_offset(problem: Problem, error: &FileError, data: &[u8]) -> Problem {
    if problem.place.line.is_some() {
        return problem;
    }
    let start: usize = text::lines(data)
        .take(error.line.saturating_sub(1))
        .map(|l| l.text.len().saturating_add(l.ending.len()))
        .sum();
    let Some(line) = text::lines(data).nth(error.line.saturating_sub(1)) else {
        return problem.at_line(error.line);
    };
    let (from, to) = match error.offset.checked_sub(start) {
        Some(column) if column > 0 && column < line.text.len() => {
            (column, column.saturating_add(1))
        }
        _ => (0, line.text.len()),
    };
    problem.at(text::span(data, error.line, from, to))
}

/// Something odd about a file that can be read all the same.
pub(super) fn of_problem(odd: &Odd, format: &Format, data: &[u8], block: &Block) -> Problem {
    if block.unterminated && matches!(odd.kind, K::Truncated(_) | K::Missing(_)) {
        return truncated(data, block, Some(&odd.kind));
    }
    let problem = of_kind(&odd.kind, Some(format));
    let len = text::lines(data)
        .nth(odd.line.saturating_sub(1))
        .map_or(0, |l| l.text.len());
    match problem.place.line {
        Some(_) => problem,
        None => problem.at(text::span(data, odd.line, 0, len)),
    }
}

/// Whether it is about blanks and line ends around the marks, which [`text::around`] tells.
pub(super) fn is_about_lines(odd: &Odd) -> bool {
    matches!(&odd.kind, K::Expected { expected, .. }
        if expected.starts_with("LF alone at the end of the BEGIN")
            || expected.starts_with("a newline at the end of the file")
            || expected.starts_with("no blanks around the BEGIN")
            || expected.starts_with("the BEGIN line as the very first thing")
            || expected.starts_with("lines without mail quotes or HTML")
            || expected.starts_with("one byte for each character"))
}

/// A file without its end.
pub(super) fn unterminated(data: &[u8], block: &Block) -> Problem {
    truncated(data, block, None)
}

fn truncated(data: &[u8], block: &Block, kind: Option<&K>) -> Problem {
    let last = text::lines(data)
        .filter(|l| !l.text.trim_ascii().is_empty())
        .last()
        .map_or(1, |l| l.number);
    let what = match (&block.format, kind) {
        (_, Some(K::Truncated(what))) => format!("the file ends within {what}"),
        (Format::Ppk { .. }, _) => "the file ends before its last line, Private-MAC".to_owned(),
        (Format::OpensshPrivate, _) => {
            "the file ends before its last line, -----END OPENSSH PRIVATE KEY-----".to_owned()
        }
        _ => "the file ends before the line that ends the key".to_owned(),
    };
    let lost = "what is cut off is lost: copy the file again from where it is whole";
    let problem = Problem::bad("key-file-truncated", what)
        .at_line(last)
        .helped(lost);
    let problem = match kind {
        // PuTTY compares what there is of it.
        Some(K::Truncated("the MAC")) => problem.says("PuTTY", MAC_FAILED),
        _ => said_by_both(problem, Some(&block.format)),
    };
    match is_ppk(Some(&block.format)) {
        true => problem,
        false => problem.noting("PuTTYgen never ends on such a file (0.78 and 0.83 were tried)"),
    }
}

fn of_kind(kind: &K, format: Option<&Format>) -> Problem {
    let ppk = is_ppk(format);
    match kind {
        K::Truncated("the MAC") => {
            Problem::bad("key-file-truncated", "the file ends within the MAC")
                .helped("what is cut off is lost: copy the file again from where it is whole")
                .says("PuTTY", MAC_FAILED)
        }
        K::Truncated(what) => said_by_both(
            Problem::bad("key-file-truncated", format!("the file ends within {what}"))
                .helped("what is cut off is lost: copy the file again from where it is whole"),
            format,
        ),
        K::Missing(what) => said(
            Problem::bad(
                if ppk {
                    "ppk-header"
                } else {
                    "key-file-structure"
                },
                format!("{what} is missing here"),
            ),
            format,
        ),
        K::LineCount {
            header,
            says,
            found,
        } => said(
            Problem::bad(
                "ppk-line-count",
                format!(
                    "{header} says {says}, and {} of base64 follow{}",
                    text::count(usize::try_from(*found).unwrap_or(usize::MAX), "line"),
                    if *found == 1 { "s" } else { "" }
                ),
            )
            .noting(
                "PuTTY counts lines: it offers whatever public key the counted ones make, and the \
                 server refuses it",
            ),
            format,
        ),
        K::Base64(e) => said_by_both(
            Problem::bad(
                "key-file-base64",
                format!("the base64 of the key is damaged: {}", base64(&e.kind)),
            ),
            format,
        ),
        K::Public(e) => {
            let id = if ppk {
                "ppk-public-half-damaged"
            } else {
                "key-file-structure"
            };
            let problem = Problem::bad(id, format!("the public half is damaged: {e}"));
            if ppk {
                problem.noting(
                    "PuTTY offers such a half to the server before it checks the file: the \
                         answer is \"Server refused our key\", and the server is not at fault",
                )
            } else {
                said(problem, format)
            }
        }
        K::Structure { at, expected } => said(
            Problem::bad(
                "key-file-structure",
                format!("the content is damaged: expected {expected} at byte {at} of it"),
            ),
            format,
        ),
        K::Unsupported(what) => unsupported(what, format),
        K::TooBig(what) => Problem::bad("key-file-too-big", format!("too big: {what}")),
        K::Expected { expected, found } => expected_found(expected, found, format),
        other => Problem::bad(
            "key-file-structure",
            format!("the file cannot be taken apart: {}", describe(other)),
        ),
    }
}

fn describe(kind: &K) -> String {
    match kind {
        K::NotPrivate(Some(f)) => format!("it is {f}, and no private key"),
        K::Load(e) => e.to_string(),
        _ => "no private key in it".to_owned(),
    }
}

fn base64(kind: &sshwhy_keys::base64::Base64ErrorKind) -> String {
    use sshwhy_keys::base64::Base64ErrorKind as B;
    match kind {
        // The byte itself may be one of a private part.
        B::InvalidByte(b) if b.is_ascii_graphic() || *b == b' ' => {
            "a character that base64 does not have".to_owned()
        }
        B::InvalidByte(_) => "a byte that base64 does not have".to_owned(),
        B::EarlyPadding => "`=` within it".to_owned(),
        B::MissingPadding { .. } => {
            "characters are missing: their number is not a multiple of 4".to_owned()
        }
        B::SecondPadding(_) => "only one `=` where two end it".to_owned(),
        B::AfterPadding(_) => "more text behind its end".to_owned(),
        B::NonZeroBits => "its last character carries bits that belong to no byte".to_owned(),
    }
}

fn unsupported(what: &[u8], format: Option<&Format>) -> Problem {
    match format {
        Some(Format::Ppk { version, .. }) if !(1..=3).contains(version) => Problem::bad(
            "ppk-version-too-new",
            format!("version {version} of PuTTY's format is not known: 1, 2 and 3 are"),
        )
        .says("PuTTY", "PuTTY key format too new"),
        Some(Format::Ppk { .. }) => Problem::bad(
            "ppk-header",
            format!(
                "{} is not known here: PuTTY writes aes256-cbc or none, and Argon2id, Argon2i or \
                 Argon2d",
                String::from_utf8_lossy(what)
            ),
        )
        .says("PuTTY", PPK_FORMAT),
        _ => Problem::new(
            "key-file-unsupported",
            Grade::Open,
            format!(
                "not read by this program: {}",
                String::from_utf8_lossy(what)
            ),
        ),
    }
}

/// Values that are not what the format has there. The words are those of the readers.
fn expected_found(expected: &'static str, found: &[u8], format: Option<&Format>) -> Problem {
    let found = String::from_utf8_lossy(found);
    match expected {
        "a MAC in lower case" => Problem::bad(
            "ppk-mac-case",
            "the MAC is written with upper-case letters, which PuTTY takes for another MAC",
        )
        .says("PuTTY", MAC_FAILED),
        "the key type that the public key has" => Problem::bad(
            "key-type-mismatch",
            format!("the first line names {found}, and the public key is of another type"),
        )
        .says("PuTTY", MAC_FAILED),
        "no blanks around a header's value"
        | "no blank before a header's name and one behind its colon" => Problem::bad(
            "ppk-blanks",
            format!("blanks where PuTTY's format has none: expected {expected}"),
        )
        .says("PuTTY", PPK_FORMAT),
        "a line of 4 to 64 characters of base64, in groups of 4" => Problem::bad(
            "ppk-line-length",
            format!("the lines were wrapped or joined: expected {expected}"),
        )
        .says("PuTTY", PPK_FORMAT),
        _ if expected.ends_with("which the rest of the file has") => Problem::bad(
            "ppk-version-wrong",
            format!("the first line says version {found}: expected {expected}"),
        )
        .says("PuTTY", MAC_FAILED),
        _ if is_ppk(format) => {
            let found = if found.is_empty() {
                String::new()
            } else {
                format!(", found \"{found}\"")
            };
            Problem::bad("ppk-header", format!("expected {expected}{found}"))
                .says("PuTTY", PPK_FORMAT)
        }
        _ => {
            let found = if found.is_empty() {
                String::new()
            } else {
                format!(", found \"{found}\"")
            };
            said(
                Problem::bad("key-file-structure", format!("expected {expected}{found}")),
                format,
            )
        }
    }
}

/// A private half that does not open.
pub(super) fn of_unlock(
    error: &UnlockError,
    file: &KeyFile,
    data: &[u8],
    block: &Block,
) -> Problem {
    let ppk = is_ppk(Some(&file.format));
    let putty_wrong = "Wrong passphrase";
    match error {
        UnlockError::WrongPassphrase => Problem::bad(
            "client-passphrase-wrong",
            "the passphrase is wrong",
        )
        .at_line(block.line)
        .noting(
            "all that can be read without it is whole; a change in the salt or the first encrypted \
             bytes would look the same",
        ),
        UnlockError::WrongOrDamaged { hint } => {
            let id = match ppk {
                true => "ppk-damaged-or-wrong-passphrase",
                false => "key-damaged-or-wrong-passphrase",
            };
            let mut p = Problem::new(
                id,
                Grade::Bad,
                "the passphrase is wrong, or the file was changed: in this format the two cannot be \
                 told apart",
            )
            .at_line(block.line);
            if let Some(hint) = hint {
                p = p.noting(*hint);
            }
            match ppk {
                true => p.says("PuTTY", putty_wrong),
                false => p,
            }
        }
        UnlockError::MacMismatch { changed } => mac(*changed, file, data, block),
        UnlockError::Damaged(e) => at_offset(of_kind(&e.kind, Some(&file.format)), e, data),
        UnlockError::Inconsistent(Inconsistent::Number(what)) => Problem::bad(
            "key-private-half-damaged",
            format!("the private half is damaged: {what} does not fit the other numbers"),
        )
        .at_line(block.line),
        UnlockError::Inconsistent(why) => Problem::bad("key-pair-mismatch", why.to_string())
            .at_line(block.line)
            .noting("a server would be offered one key and get the signature of another"),
        UnlockError::Unsupported(what) => Problem::new(
            "key-file-unsupported",
            Grade::Open,
            format!("the private half is not looked into: {what}"),
        )
        .at_line(block.line),
        other => {
            Problem::new("key-file-unsupported", Grade::Open, other.to_string()).at_line(block.line)
        }
    }
}

/// The line of a PPK header.
fn header_line(data: &[u8], block: &Block, name: &[u8]) -> Option<usize> {
    text::lines(data)
        .skip(block.line.saturating_sub(1))
        .find(|l| l.text.starts_with(name))
        .map(|l| l.number)
}

fn mac(changed: Option<&'static str>, file: &KeyFile, data: &[u8], block: &Block) -> Problem {
    let encrypted = matches!(
        file.format,
        Format::Ppk {
            encrypted: true,
            ..
        }
    );
    let header = match changed {
        Some(c) if c.contains("first line") => b"PuTTY-User-Key-File-".as_slice(),
        Some(c) if c.starts_with("the public half") => b"Public-Lines:",
        Some(c) if c.starts_with("the private half") => b"Private-Lines:",
        Some(c) if c.starts_with("the blanks around the comment") => b"Comment:",
        _ => b"Private-MAC:",
    };
    let line = header_line(data, block, header)
        .or_else(|| header_line(data, block, b"Private-"))
        .unwrap_or(block.line);
    let len = text::lines(data)
        .nth(line.saturating_sub(1))
        .map_or(0, |l| l.text.len());
    let title = match changed {
        Some(what) => format!("the MAC does not fit, since the file was changed: {what}"),
        None => "the MAC does not fit: the file was changed after it was written".to_owned(),
    };
    let p = Problem::bad("ppk-mac-mismatch", title).at(text::span(data, line, 0, len));
    if encrypted {
        p.noting("the passphrase is right: what is decrypted is a key")
            .says("PuTTY", "Wrong passphrase")
    } else {
        p.says("PuTTY", "MAC failed")
    }
}
