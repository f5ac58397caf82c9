//! The file as its bytes stand: what stands around the key, and how the lines end.
//!
//! What each program takes was found by running it (`vectors/damaged/make.sh` records it):
//! ssh and ssh-keygen want an OpenSSH file to begin at its first byte and both its marks to be
//! whole lines that end in LF; of PEM only the marks' lines count. PuTTY wants its own file to begin
//! at the first byte, takes LF, CR LF and CR, and no blank at the end of a line.

use super::problem::{Place, Problem};
use sshwhy_keys::{Block, Encoding, Format, veiled_line};
use sshwhy_report::Grade;

/// One line of the file.
#[derive(Clone, Copy)]
pub(super) struct RawLine<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Without its ending.
    pub(super) text: &'a [u8],
    /// CR, LF, both, or nothing at the end of the file.
    pub(super) ending: &'a [u8],
}

/// Whether lines end in CR alone.
pub(super) fn is_cr_only(data: &[u8]) -> bool {
    data.contains(&b'\r') && !data.contains(&b'\n')
}

/// The lines of the file.
pub(super) fn lines(data: &[u8]) -> impl Iterator<Item = RawLine<'_>> {
    let end = if is_cr_only(data) { b'\r' } else { b'\n' };
    data.split_inclusive(move |&b| b == end)
        .enumerate()
        .map(|(n, raw)| {
            let mut text = raw;
            while let Some(rest) = text
                .strip_suffix(b"\n")
                .or_else(|| text.strip_suffix(b"\r"))
            {
                text = rest;
            }
            RawLine {
                number: n.saturating_add(1),
                text,
                ending: raw.get(text.len()..).unwrap_or_default(),
            }
        })
}

/// The line at `number`, with all of it masked that is not proven to be public.
pub(super) fn quotable(data: &[u8], number: usize) -> Option<Vec<u8>> {
    let line = lines(data).nth(number.checked_sub(1)?)?.text;
    Some(veiled_line(line))
}

/// Columns of a line, from byte `start` to `end`, both from 0.
pub(super) fn span(data: &[u8], line: usize, start: usize, end: usize) -> Place {
    let column = |n: usize| u64::try_from(n.saturating_add(1)).ok();
    Place {
        line: u64::try_from(line).ok(),
        column: column(start),
        end: column(end.max(start.saturating_add(1))),
        text: quotable(data, line),
        ..Place::default()
    }
}

/// Who reads the file, and how strictly.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    Openssh,
    Pem,
    Putty,
    Sshcom,
}

fn reader(format: &Format) -> Option<Reader> {
    match format {
        Format::OpensshPrivate => Some(Reader::Openssh),
        Format::Ppk { .. } => Some(Reader::Putty),
        Format::Pem { .. } => Some(Reader::Pem),
        Format::SshCom => Some(Reader::Sshcom),
        _ => None,
    }
}

const PUTTY_UNKNOWN: &str = "not a recognised key file format";
const SSH_UNKNOWN: &str = "Load key \"FILE\": error in libcrypto";

fn said(problem: Problem, reader: Reader) -> Problem {
    match reader {
        Reader::Putty => problem.says("PuTTY", PUTTY_UNKNOWN),
        Reader::Sshcom => problem.says("ssh", SSH_UNKNOWN),
        _ => problem
            .says("ssh", SSH_UNKNOWN)
            .says("PuTTYgen", PUTTY_UNKNOWN),
    }
}

/// What is wrong around the private key `block`: its encoding, what stands before it, its endings.
pub(super) fn around(data: &[u8], encoding: Encoding, block: &Block) -> Vec<Problem> {
    let Some(reader) = reader(&block.format) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    match encoding {
        Encoding::Bytes => {}
        Encoding::Utf8Bom if reader == Reader::Pem => out.push(
            Problem::note(
                "key-file-bom",
                "three invisible bytes (EF BB BF, a UTF-8 byte order mark) stand before the key",
            )
            .at(Place {
                line: Some(1),
                column: Some(1),
                ..Place::default()
            })
            .noting("ssh passes over them in this format, PuTTYgen does not")
            .says("PuTTYgen", PUTTY_UNKNOWN),
        ),
        Encoding::Utf8Bom => out.push(said(
            Problem::bad(
                "key-file-bom",
                "three invisible bytes (EF BB BF, a UTF-8 byte order mark) stand before the key",
            )
            .at(Place {
                line: Some(1),
                column: Some(1),
                ..Place::default()
            })
            .noting("an editor wrote them: Notepad's \"UTF-8 with BOM\""),
            reader,
        )),
        Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. } => {
            out.push(said(
                Problem::bad(
                    "key-file-utf16",
                    "the file is UTF-16: every character takes two bytes, and no program that \
                     reads keys expects that",
                )
                .at(Place {
                    line: Some(1),
                    column: Some(1),
                    ..Place::default()
                })
                .noting("PowerShell's > and Notepad's \"Unicode\" write it"),
                reader,
            ));
        }
    }
    let wide = matches!(
        encoding,
        Encoding::Utf16Le { .. } | Encoding::Utf16Be { .. }
    );
    if !wide {
        before(data, encoding, block, reader, &mut out);
        endings(data, block, reader, &mut out);
        if reader == Reader::Pem {
            out.extend(blank_line(data, block));
        }
    }
    out
}

/// Text that stands before the first mark, in its line or above.
fn before(data: &[u8], encoding: Encoding, block: &Block, reader: Reader, out: &mut Vec<Problem>) {
    let Some(first) = lines(data).nth(block.line.saturating_sub(1)) else {
        return;
    };
    let skip = if encoding == Encoding::Utf8Bom && block.line == 1 {
        3
    } else {
        0
    };
    let text = first.text.get(skip..).unwrap_or_default();
    if block.quoted {
        out.push(said(
            Problem::bad(
                "key-file-quoted",
                "the lines carry the quote marks of a mail (`> `)",
            )
            .at(span(data, block.line, 0, 2)),
            reader,
        ));
    } else if block.html {
        out.push(said(
            Problem::bad("key-file-html", "the key stands among HTML tags")
                .at(span(data, block.line, 0, first.text.len()))
                .noting("it was saved from a web page, not downloaded as it is"),
            reader,
        ));
    } else if text.first().is_some_and(|b| b.is_ascii_whitespace()) {
        let blanks = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
        out.push(said(
            Problem::bad(
                "key-file-indented",
                "blanks stand before the first line of the key",
            )
            .at(span(data, block.line, skip, skip.saturating_add(blanks))),
            reader,
        ));
    }
    if block.line > 1 {
        let (grade, what) = match reader {
            Reader::Pem => (Grade::Note, "ssh passes over it, PuTTYgen does not"),
            _ => (
                Grade::Bad,
                "the key must begin at the first byte of the file",
            ),
        };
        let prompt = lines(data).next().filter(|l| is_prompt(l.text));
        let problem = match prompt {
            Some(_) => Problem::new(
                "key-file-prompt",
                grade,
                "a command or a terminal's prompt was copied with the key",
            ),
            None => Problem::new(
                "key-file-leading-text",
                grade,
                format!(
                    "{} of other text stand{} before the key",
                    count(block.line.saturating_sub(1), "line"),
                    if block.line == 2 { "s" } else { "" }
                ),
            ),
        };
        let end = lines(data).next().map_or(1, |l| l.text.len());
        let problem = problem.at(span(data, 1, 0, end)).noting(what);
        out.push(if grade == Grade::Bad {
            said(problem, reader)
        } else {
            problem.says("PuTTYgen", PUTTY_UNKNOWN)
        });
    }
}

/// `3 lines`, `1 line`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `alice@host:~$ cat id_rsa`, `$ cat id`, `PS C:\> type id`, `# cat id`.
pub(super) fn is_prompt(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let command = |c: &[u8]| {
        [
            b"cat ".as_slice(),
            b"type ",
            b"more ",
            b"less ",
            b"gc ",
            b"Get-Content ",
        ]
        .iter()
        .any(|name| c.trim_ascii_start().starts_with(name))
    };
    command(text)
        || text.iter().enumerate().any(|(n, b)| {
            matches!(b, b'$' | b'#' | b'>' | b'%')
                && command(text.get(n.saturating_add(1)..).unwrap_or_default())
        })
}

/// How the lines of the block end, as far as its reader minds.
fn endings(data: &[u8], block: &Block, reader: Reader, out: &mut Vec<Problem>) {
    let from = block.line.saturating_sub(1);
    let inside = || lines(data).skip(from).take(block_lines(data, block));
    let Some(last) = inside().last() else {
        return;
    };
    let has = |ending: &[u8]| inside().find(|l| l.ending == ending);
    if let Some(line) = has(b"\r\r\n") {
        out.push(
            Problem::bad(
                "key-file-double-cr",
                "the lines end in CR CR LF: the file was converted twice",
            )
            .at(span(
                data,
                line.number,
                line.text.len(),
                line.text.len().saturating_add(3),
            )),
        );
    } else if reader == Reader::Openssh
        && let Some(line) = has(b"\r\n")
    {
        out.push(
            Problem::bad(
                "key-file-crlf",
                "the lines end in CR LF, as Windows writes them",
            )
            .at(span(
                data,
                line.number,
                line.text.len(),
                line.text.len().saturating_add(2),
            ))
            .noting("ssh on Unix wants LF after the marks of this format; PuTTYgen reads it")
            .says("ssh", SSH_UNKNOWN),
        );
    } else if reader != Reader::Putty && is_cr_only(data) {
        out.push(said(
            Problem::bad(
                "key-file-cr-only",
                "the lines end in CR alone, as Mac OS 9 wrote them",
            )
            .at(span(data, block.line, 0, 1)),
            Reader::Sshcom,
        ));
    }
    if reader == Reader::Openssh && last.ending.is_empty() && !block.unterminated {
        out.push(
            Problem::bad(
                "key-file-no-final-newline",
                "the last line has no end: ssh wants a newline behind the END mark",
            )
            .at(span(
                data,
                last.number,
                last.text.len(),
                last.text.len().saturating_add(1),
            ))
            .noting("secrets of CI systems and copied text lose it; PuTTYgen reads the file")
            .says("ssh", SSH_UNKNOWN),
        );
    }
    let blank = |l: &RawLine<'_>| l.text.first().is_some_and(u8::is_ascii_whitespace);
    if matches!(reader, Reader::Openssh | Reader::Pem)
        && !(block.unterminated || block.quoted || block.html)
        && blank(&last)
        && !inside().next().is_some_and(|l| blank(&l))
    {
        let blanks = last.text.iter().take_while(|b| b.is_ascii_whitespace());
        out.push(
            Problem::bad(
                "key-file-indented",
                "blanks stand before the last line of the key",
            )
            .at(span(data, last.number, 0, blanks.count()))
            .says("ssh", SSH_UNKNOWN),
        );
    }
    let marks = [inside().next(), Some(last).filter(|_| !block.unterminated)];
    if matches!(reader, Reader::Openssh | Reader::Sshcom)
        && let Some(line) = marks
            .into_iter()
            .flatten()
            .find(|l| l.text.last().is_some_and(|b| matches!(b, b' ' | b'\t')))
    {
        let end = line.text.trim_ascii_end().len();
        out.push(
            Problem::bad(
                "key-file-trailing-blank",
                "a blank stands behind a mark of the key",
            )
            .at(span(data, line.number, end, line.text.len()))
            .says("ssh", SSH_UNKNOWN),
        );
    }
}

/// An empty line within the base64 of PEM. OpenSSL takes one behind the BEGIN line or the headers for
/// their end, and refuses every other.
fn blank_line(data: &[u8], block: &Block) -> Option<Problem> {
    let from = block.line.saturating_sub(1);
    let count = block_lines(data, block).saturating_sub(1);
    let empty = |l: &RawLine<'_>| l.text.trim_ascii().is_empty();
    let mut inside = lines(data)
        .skip(from)
        .take(count)
        .skip(1)
        .skip_while(|l| l.text.contains(&b':'))
        .peekable();
    inside.next_if(empty);
    let line = inside.find(empty)?;
    // Blank lines behind a key that was cut off are none within it.
    if block.unterminated && inside.all(|l| empty(&l)) {
        return None;
    }
    Some(
        Problem::bad("key-file-blank-line", "an empty line stands within the key")
            .at_line(line.number)
            .noting("in this format ssh takes an empty line for the end of headers")
            .says("ssh", SSH_UNKNOWN),
    )
}

/// How many lines the block has.
pub(super) fn block_lines(data: &[u8], block: &Block) -> usize {
    let inside = data.get(block.span.clone()).unwrap_or_default();
    lines(inside).count()
}
