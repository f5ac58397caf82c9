//! What stands around the content of a key file: BEGIN and END lines, headers, base64.

use crate::error::{FileError, FileErrorKind};
use crate::file::{Found, Problem};
use alloc::vec::Vec;
use core::ops::Range;
use sshwhy_keys::Format;
use sshwhy_keys::base64::{self, Base64ErrorKind};
use zeroize::Zeroizing;

/// The parts of a block with BEGIN and END lines, as indices of its lines.
pub(crate) struct Armour {
    /// The lines between BEGIN and END.
    pub(crate) inner: Range<usize>,
    /// What is odd about the END line.
    pub(crate) problems: Vec<Problem>,
    /// The file ends before the END line.
    cut: bool,
}

impl Armour {
    /// Finds the parts of a block that ends in the line `end`.
    pub(crate) fn new(found: &Found<'_>, end: &[u8]) -> Armour {
        let count = found.text.len();
        let mut last = count;
        let mut problems = Vec::new();
        let mut say = |index: usize, kind| {
            problems.push(Problem {
                line: found.fail(index, FileErrorKind::Empty).line,
                kind,
            });
        };
        let text = |index: usize| {
            found
                .text
                .get(index)
                .map_or(&[][..], |l| l.text.trim_ascii())
        };
        if found.block.unterminated {
            // The last line with anything in it may be the beginning of the END line.
            while last > 1 && text(last.saturating_sub(1)).is_empty() {
                last = last.saturating_sub(1);
            }
            let tail = text(last.saturating_sub(1));
            if last > 1 && tail.starts_with(b"-") && end.starts_with(tail) {
                last = last.saturating_sub(1);
                say(last, FileErrorKind::Truncated("its END line"));
            } else {
                say(count, FileErrorKind::Missing("its END line"));
            }
        } else {
            last = count.saturating_sub(1);
            let tail = text(last);
            if tail != end {
                let kind = if end.starts_with(tail) {
                    FileErrorKind::Truncated("its END line")
                } else {
                    FileErrorKind::Expected {
                        expected: "an END line that names what the BEGIN line names",
                        found: sshwhy_keys::veiled_name(tail),
                    }
                };
                say(last, kind);
            }
        }
        Armour {
            inner: 1.min(last)..last,
            problems,
            cut: found.block.unterminated,
        }
    }

    /// Decodes the base64 of these lines.
    pub(crate) fn decode(
        &self,
        found: &Found<'_>,
        lines: Range<usize>,
    ) -> Result<Content, FileError> {
        let all = || {
            lines.clone().filter_map(|n| {
                let line = found.text.get(n)?;
                let blank = line
                    .text
                    .len()
                    .saturating_sub(line.text.trim_ascii_start().len());
                Some((n, line.number, blank, line.text.trim_ascii()))
            })
        };
        let size = all().fold(0usize, |sum, (.., t)| sum.saturating_add(t.len()));
        let mut joined = Zeroizing::new(Vec::with_capacity(size));
        let mut places = Vec::new();
        for (index, line, column, text) in all() {
            let offset = found.text.offset(index, column);
            let next = found.text.offset(index, column.saturating_add(1));
            places.push(Place {
                chars: joined.len(),
                line,
                offset,
                scale: next.saturating_sub(offset).max(1),
            });
            joined.extend_from_slice(text);
        }
        // With its full room from the start, the buffer never moves and leaves no copy.
        let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(3)));
        let result = base64::decode_into(&joined, &mut bytes);
        let content = Content {
            bytes,
            places,
            begin: (found.block.line, found.block.span.start),
            format: found.block.format.clone(),
            cut: self.cut,
        };
        match result {
            Ok(()) if content.bytes.is_empty() => Err(content.at_char(
                0,
                if self.cut {
                    FileErrorKind::Truncated("the base64")
                } else {
                    FileErrorKind::Missing("the base64")
                },
            )),
            Ok(()) => Ok(content),
            Err(e) => {
                let ended = matches!(
                    e.kind,
                    Base64ErrorKind::MissingPadding { .. } | Base64ErrorKind::SecondPadding(None)
                );
                let kind = if ended && self.cut {
                    FileErrorKind::Truncated("the base64")
                } else {
                    FileErrorKind::Base64(e.clone())
                };
                Err(content.at_char(e.offset, kind))
            }
        }
    }
}

struct Place {
    /// Characters of base64 in front of this line.
    chars: usize,
    line: usize,
    offset: usize,
    /// Bytes of the data for one character.
    scale: usize,
}

/// The decoded content of a block, which knows where in the file each byte stands. It is private:
/// wiped on drop, no `Debug`.
pub(crate) struct Content {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    places: Vec<Place>,
    begin: (usize, usize),
    format: Format,
    cut: bool,
}

/// What is wrong with some content, and at which byte of it.
pub(crate) type Fault = (usize, FileErrorKind);

/// The fault that something else stands at `at`.
pub(crate) fn expected(at: usize, expected: &'static str) -> Fault {
    (at, FileErrorKind::Structure { at, expected })
}

impl Content {
    /// Says where in the file a fault of the content stands.
    pub(crate) fn error(&self, (at, kind): Fault) -> FileError {
        let kind = match kind {
            // Where the file ends too early, that is why something is not there.
            FileErrorKind::Structure { expected, .. } if self.cut => {
                FileErrorKind::Truncated(expected)
            }
            kind => kind,
        };
        let at = at.min(self.bytes.len());
        // Byte n begins in character n * 4 / 3 of the base64.
        self.at_char(at.saturating_mul(4) / 3, kind)
    }

    fn at_char(&self, char: usize, kind: FileErrorKind) -> FileError {
        let place = self.places.iter().take_while(|p| p.chars <= char).last();
        let (line, offset) = place.map_or(self.begin, |p| {
            let column = char.saturating_sub(p.chars).saturating_mul(p.scale);
            (p.line, p.offset.saturating_add(column))
        });
        FileError {
            line,
            offset,
            format: Some(self.format.clone()),
            kind,
        }
    }
}

/// A block with its BEGIN and END lines; `headers` stand in front of the base64 as they are.
pub(crate) fn wrap(
    label: &str,
    headers: &[u8],
    content: &[u8],
    columns: usize,
) -> Zeroizing<Vec<u8>> {
    let text = Zeroizing::new(base64::encode(content));
    let lines = text.len().div_ceil(columns.max(1));
    let room = text
        .len()
        .saturating_add(lines)
        .saturating_add(headers.len())
        .saturating_add(label.len().saturating_mul(2))
        .saturating_add(64);
    let mut out = Zeroizing::new(Vec::with_capacity(room));
    let frame = |out: &mut Vec<u8>, word: &[u8]| {
        for part in [b"-----", word, label.as_bytes(), b"-----\n"] {
            out.extend_from_slice(part);
        }
    };
    frame(&mut out, b"BEGIN ");
    out.extend_from_slice(headers);
    for line in text.as_bytes().chunks(columns.max(1)) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    frame(&mut out, b"END ");
    out
}
