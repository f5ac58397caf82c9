//! Making an index.

use crate::{Identity, Index, Place, Print, fingerprint, in_order, print_of};
use memchr::{memchr, memchr_iter, memchr3_iter};
use sshwhy_keys::base64;
use std::fs::File;
use std::io::{self, Read};
use std::time::SystemTime;

/// Shortest base64 text that can hold a key: an Ed25519 key has 68 characters.
const SHORTEST: usize = 40;
/// Most lines that are handed out for every key.
const MOST_ODD: usize = 256;
/// Longest line of a file that has an index.
pub(crate) const LONGEST: usize = 1 << 20;
/// Most keys.
const MOST_KEYS: usize = 1 << 28;
/// Bytes read at a time.
const CHUNK: usize = 1 << 20;

/// Why a file has no index.
#[derive(Debug)]
pub enum NoIndex {
    /// It cannot be read.
    Io(io::Error),
    /// A line is longer than a mebibyte.
    LongLine(u64),
    /// More than 256 lines hold a vertical tab, a form feed or a carriage return inside.
    OddLines,
    /// More than 2^28 keys.
    TooMany,
    /// It was changed less than two seconds ago: its times would not show another change.
    Unsettled,
    /// It was changed while it was read.
    Changed,
}

impl From<io::Error> for NoIndex {
    fn from(e: io::Error) -> Self {
        NoIndex::Io(e)
    }
}

impl std::fmt::Display for NoIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoIndex::Io(e) => e.fmt(f),
            NoIndex::LongLine(n) => write!(f, "line {n} is longer than {LONGEST} bytes"),
            NoIndex::OddLines => write!(
                f,
                "more than {MOST_ODD} lines hold a carriage return, a vertical tab or a form feed \
                 before their end"
            ),
            NoIndex::TooMany => write!(f, "there are more than {MOST_KEYS} keys"),
            NoIndex::Unsettled => f.write_str("it was changed less than two seconds ago"),
            NoIndex::Changed => f.write_str("it was changed while it was read"),
        }
    }
}

impl std::error::Error for NoIndex {}

impl Index {
    /// Indexes an open file, from its beginning.
    ///
    /// # Errors
    /// [`NoIndex`]; the file is to be scanned then.
    pub fn of(mut file: &File) -> Result<Index, NoIndex> {
        let identity = Identity::of(file)?;
        if !identity.settles_in(SystemTime::now()).is_zero() {
            return Err(NoIndex::Unsettled);
        }
        let mut builder = Builder::default();
        let mut chunk = vec![0; CHUNK];
        io::Seek::seek(&mut file, io::SeekFrom::Start(0))?;
        loop {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(n) => builder.push(chunk.get(..n).unwrap_or(&[]))?,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e.into()),
            }
        }
        if Identity::of(file)? != identity {
            return Err(NoIndex::Changed);
        }
        builder.finish(identity)
    }
}

/// Takes a file piece by piece.
#[derive(Debug, Default)]
pub struct Builder {
    entries: Vec<(Print, Place)>,
    odd: Vec<Place>,
    /// The beginning of a line that goes on.
    held: Vec<u8>,
    /// Offset and number of the line that comes next.
    offset: u64,
    lines: u64,
    blob: Vec<u8>,
}

impl Builder {
    /// The next bytes.
    ///
    /// # Errors
    /// This file can have no index.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), NoIndex> {
        let mut from = 0;
        for end in memchr_iter(b'\n', chunk) {
            let part = chunk.get(from..end).unwrap_or(&[]);
            if self.held.is_empty() {
                self.line(part)?;
            } else {
                let mut whole = std::mem::take(&mut self.held);
                whole.extend_from_slice(part);
                self.line(&whole)?;
                whole.clear();
                self.held = whole;
            }
            self.offset += 1;
            from = end + 1;
        }
        self.held
            .extend_from_slice(chunk.get(from..).unwrap_or(&[]));
        if self.held.len() > LONGEST {
            return Err(NoIndex::LongLine(self.lines + 1));
        }
        Ok(())
    }

    /// The end of the file.
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn finish(mut self, identity: Identity) -> Result<Index, NoIndex> {
        let last = std::mem::take(&mut self.held);
        if !last.is_empty() {
            self.line(&last)?;
        }
        self.entries.sort_unstable();
        self.entries.dedup();
        Ok(Index {
            identity,
            entries: self.entries,
            odd: in_order(self.odd),
            lines: self.lines,
        })
    }

    /// One line, without its newline.
    fn line(&mut self, line: &[u8]) -> Result<(), NoIndex> {
        self.lines += 1;
        if line.len() > LONGEST {
            return Err(NoIndex::LongLine(self.lines));
        }
        let at = Place {
            offset: self.offset,
            line: self.lines,
        };
        self.offset += line.len() as u64;
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if memchr3_iter(0x0b, 0x0c, b'\r', text).next().is_some() {
            if self.odd.len() >= MOST_ODD {
                return Err(NoIndex::OddLines);
            }
            self.odd.push(at);
        }
        for word in words(text) {
            if base64::decode_into(word, &mut self.blob).is_err() {
                continue;
            }
            let Some(print) = fingerprint(&self.blob) else {
                continue;
            };
            if self.entries.len() >= MOST_KEYS {
                return Err(NoIndex::TooMany);
            }
            self.entries.push((print_of(&print), at));
        }
        Ok(())
    }
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

/// The longest stretches of base64 characters that could be a key: blobs begin with the length of
/// a short name, which is `AAAA`.
fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = line.get(at..)?;
            let start = at + memchr(b'A', rest)?;
            let here = line.get(start..)?;
            let len = here
                .iter()
                .position(|b| !is_base64(*b))
                .unwrap_or(here.len());
            at = start + len;
            let before = start.checked_sub(1).and_then(|i| line.get(i));
            let whole = before.is_none_or(|b| !is_base64(*b));
            let word = here.get(..len)?;
            if whole && len >= SHORTEST && word.starts_with(b"AAAA") {
                return Some(word);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_stretches_that_begin_as_blobs_do() {
        let key = format!("AAAAC3{}", "x".repeat(60));
        let found = |line: &str| {
            words(line.as_bytes())
                .map(<[u8]>::to_vec)
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&format!("ssh-ed25519 {key} a@b")), [key.as_bytes()]);
        assert_eq!(
            found(&format!("command=\"A AAAA x\" t {key}")),
            [key.as_bytes()]
        );
        assert!(found(&format!("ssh-ed25519 x{key}")).is_empty());
        assert!(found("AAAA AAAA").is_empty());
        assert_eq!(found(&format!("{key} {key}")).len(), 2);
        assert!(found("").is_empty());
    }
}
