//! The lines of one block, cleaned, for readers of whole files.

use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroizing;

use crate::sniff::{Block, Encoding, Text, push_without_tags, unquote};

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The data end with it.
    None,
    /// LF
    Lf,
    /// CR LF
    CrLf,
    /// CR CR LF, as a text file copied twice through Windows has it.
    CrCrLf,
}

/// A line of a block. It has no `Debug`: it may be private.
#[derive(Clone, Copy)]
pub struct TextLine<'a> {
    /// Its number in the data, from 1.
    pub number: usize,
    /// Where it begins in the data as given.
    pub offset: usize,
    /// Its text, without its ending. White space at both ends is kept, except where the line was
    /// quoted or stood among tags.
    pub text: &'a [u8],
    /// How it ends.
    pub ending: Ending,
}

struct Entry {
    number: usize,
    offset: usize,
    /// Bytes of the data for one of the text.
    scale: usize,
    text: Range<usize>,
    ending: Ending,
}

/// The lines of one block, freed of encoding, mail quotes and HTML tags. They may hold a private
/// key: wiped on drop, without `Debug`.
pub struct BlockText {
    buf: Zeroizing<Vec<u8>>,
    lines: Vec<Entry>,
    encoding: Encoding,
}

impl BlockText {
    /// Cleans the lines of `block`, which [`crate::sniff`] found in the same `data`.
    #[must_use]
    pub fn new(data: &[u8], block: &Block) -> BlockText {
        let text = Text::new(data);
        // UTF-8 of a UTF-16 unit takes 3 bytes at most: the buffer never moves.
        let room = block.span.len().saturating_mul(2).saturating_add(16);
        let mut buf = Zeroizing::new(Vec::with_capacity(room));
        let mut lines = Vec::with_capacity(block.lines.len());
        for at in block.lines.clone() {
            let Some(line) = text.lines.get(at) else {
                break;
            };
            let raw = data.get(line.offset..line.end).unwrap_or_default();
            let (plain, scale) = narrow(raw, text.encoding);
            let (plain, ending) = split_ending(&plain);
            let start = buf.len();
            if line.quoted || line.html {
                push_without_tags(unquote(plain.trim_ascii()).0, &mut buf);
            } else {
                buf.extend_from_slice(plain);
            }
            lines.push(Entry {
                number: at.saturating_add(1),
                offset: line.offset,
                scale,
                text: start..buf.len(),
                ending,
            });
        }
        BlockText {
            buf,
            lines,
            encoding: text.encoding,
        }
    }

    /// How the data are encoded.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The line at `index`, from 0 at the block's first.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<TextLine<'_>> {
        let line = self.lines.get(index)?;
        Some(TextLine {
            number: line.number,
            offset: line.offset,
            text: self.buf.get(line.text.clone()).unwrap_or_default(),
            ending: line.ending,
        })
    }

    /// All lines in order.
    pub fn iter(&self) -> impl Iterator<Item = TextLine<'_>> {
        (0..self.lines.len()).filter_map(|n| self.get(n))
    }

    /// Where byte `column` of the line at `index` stands in the data as given; exact but for
    /// quoted lines and characters outside of ASCII in UTF-16.
    #[must_use]
    pub fn offset(&self, index: usize, column: usize) -> usize {
        match self.lines.get(index) {
            Some(line) => line
                .offset
                .saturating_add(column.saturating_mul(line.scale)),
            None => self.lines.last().map_or(0, |last| {
                last.offset
                    .saturating_add(last.text.len().saturating_mul(last.scale))
            }),
        }
    }
}

/// The line as bytes; UTF-16 becomes UTF-8.
fn narrow(raw: &[u8], encoding: Encoding) -> (Zeroizing<Vec<u8>>, usize) {
    let unit = match encoding {
        Encoding::Bytes | Encoding::Utf8Bom => return (Zeroizing::new(raw.to_vec()), 1),
        Encoding::Utf16Le { .. } => u16::from_le_bytes,
        Encoding::Utf16Be { .. } => u16::from_be_bytes,
    };
    let units = raw.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    let mut out = Zeroizing::new(Vec::with_capacity(raw.len().saturating_mul(2)));
    for c in char::decode_utf16(units) {
        let mut utf8 = [0; 4];
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
    }
    (out, 2)
}

fn split_ending(line: &[u8]) -> (&[u8], Ending) {
    let Some(rest) = line.strip_suffix(b"\n") else {
        // A CR at the very end is the first half of an ending that was cut.
        return (line.strip_suffix(b"\r").unwrap_or(line), Ending::None);
    };
    match (rest.strip_suffix(b"\r\r"), rest.strip_suffix(b"\r")) {
        (Some(text), _) => (text, Ending::CrCrLf),
        (None, Some(text)) => (text, Ending::CrLf),
        (None, None) => (rest, Ending::Lf),
    }
}
