//! Finding one key in a file of any size, chunk by chunk, in constant memory.
//!
//! Base64 is unique under `b64_pton` but for blanks, and of those only VT, FF and CR can stand inside the text of a
//! line's key. So a line can match only if it holds the base64 text of the wanted blob as it is, or one of those
//! three bytes before something else than the line's end; only such lines are parsed. An RSA key may stand there with
//! needless zeros in its numbers, which move its text: its end is looked for, in each of the three ways base64 has to
//! write it.

use crate::blob;
use crate::label::Kind;
use crate::line::{Answer, Line, OfferedKey};
use crate::rules::{Flavour, Rules};
use alloc::vec::Vec;
use memchr::memmem::Finder;
use memchr::{memchr, memchr_iter, memchr3_iter, memrchr};
use sshwhy_keys::base64;

/// Most bytes of one line that are held: 16 MiB. Of a longer line the first 16 MiB are read as if they were all.
pub const MAX_HELD: usize = 16 << 20;

/// A line that holds the wanted key's text, or might.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Line number, counted from 1.
    pub number: u64,
    /// Offset of the line's first byte in the file.
    pub offset: u64,
    /// The line, taken apart.
    pub line: Line<'a>,
    /// What it says to the wanted key.
    pub answer: Answer,
    /// Only the first [`MAX_HELD`] bytes of the line were kept.
    pub cut: bool,
}

/// What went through a scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Totals {
    /// Lines, a last one without newline included.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Lines of more than [`MAX_HELD`] bytes.
    pub cut: u64,
}

/// Gets a region of whole lines, the number of its first, its offset, and whether it was cut; returns how many
/// newlines it holds.
type OnRegion<'f> = dyn FnMut(&[u8], u64, u64, bool) -> u64 + 'f;

/// Cuts a stream into regions of whole lines, holding back the unfinished last one.
#[derive(Debug, Default)]
struct Feed {
    held: Vec<u8>,
    overflow: bool,
    totals: Totals,
    offset: u64,
}

impl Feed {
    fn hold(&mut self, part: &[u8]) {
        let room = MAX_HELD.saturating_sub(self.held.len());
        let take = part.len().min(room);
        self.held.extend_from_slice(part.get(..take).unwrap_or(&[]));
        self.overflow |= take < part.len();
    }

    fn push(&mut self, chunk: &[u8], on: &mut OnRegion<'_>) {
        let start = self.totals.bytes;
        self.totals.bytes = start.saturating_add(chunk.len() as u64);
        let Some(last) = memrchr(b'\n', chunk) else {
            self.hold(chunk);
            return;
        };
        let mut from = 0;
        if !self.held.is_empty() || self.overflow {
            let first = memchr(b'\n', chunk).unwrap_or(last);
            from = first + 1;
            self.hold(chunk.get(..first).unwrap_or(&[]));
            self.flush(on);
            self.offset = start.saturating_add(from as u64);
        }
        let region = chunk.get(from..=last).unwrap_or(&[]);
        if !region.is_empty() {
            let n = on(
                region,
                self.totals.lines.saturating_add(1),
                self.offset,
                false,
            );
            self.totals.lines = self.totals.lines.saturating_add(n);
        }
        self.offset = start.saturating_add(last as u64).saturating_add(1);
        self.hold(chunk.get(last + 1..).unwrap_or(&[]));
    }

    /// Hand out the held line.
    fn flush(&mut self, on: &mut OnRegion<'_>) {
        let before_last = on(
            &self.held,
            self.totals.lines.saturating_add(1),
            self.offset,
            self.overflow,
        );
        self.totals.lines = self
            .totals
            .lines
            .saturating_add(before_last)
            .saturating_add(1);
        self.totals.cut = self.totals.cut.saturating_add(u64::from(self.overflow));
        self.held.clear();
        self.overflow = false;
    }

    fn finish(&mut self, on: &mut OnRegion<'_>) -> Totals {
        if !self.held.is_empty() || self.overflow {
            self.flush(on);
        }
        self.totals
    }
}

/// Looks for one key.
#[derive(Debug)]
pub struct Scanner<'r> {
    rules: &'r Rules,
    key: OfferedKey<'r>,
    text: Vec<u8>,
    needles: Vec<Vec<u8>>,
    feed: Feed,
}

/// Characters at the end of any other key's base64 that are looked for.
const LAST: usize = 40;
/// Bytes at the end of an RSA key that are looked for.
const TAIL: usize = 45;

/// Texts of which a line with the key `blob` holds one, unless a blank stands inside.
fn needles(blob: &[u8], text: &[u8]) -> Vec<Vec<u8>> {
    let rsa = blob::inner_label(blob).is_some_and(|l| l.kind == Kind::Rsa);
    let tails = (0..3).map_while(|cut| {
        let end = blob.len().checked_sub(cut)?;
        blob.get(end.checked_sub(TAIL)?..end)
    });
    let tails: Vec<Vec<u8>> = tails.map(|t| base64::encode(t).into_bytes()).collect();
    if rsa && tails.len() == 3 {
        tails
    } else if text.is_empty() {
        Vec::new()
    } else {
        // The end of the text tells keys apart as well as all of it, and the search is at its best
        // below 64 bytes.
        alloc::vec![text[text.len().saturating_sub(LAST)..].to_vec()]
    }
}

impl<'r> Scanner<'r> {
    /// A scanner for lines that concern `key`.
    pub fn new(rules: &'r Rules, key: OfferedKey<'r>) -> Self {
        let text = base64::encode(key.blob()).into_bytes();
        Self {
            rules,
            key,
            needles: needles(key.blob(), &text),
            text,
            feed: Feed::default(),
        }
    }

    /// The next bytes of the file. `on` gets every line with the key's text on it, in file order, damaged ones
    /// included: its [`Answer`] tells whether sshd finds the key there.
    pub fn push(&mut self, chunk: &[u8], mut on: impl FnMut(Found<'_>)) {
        let search = Search {
            rules: self.rules,
            key: self.key,
            text: &self.text,
            needles: &self.needles,
        };
        self.feed.push(chunk, &mut |region, number, offset, cut| {
            search.region(region, number, offset, cut, &mut on)
        });
    }

    /// One line of which something else than this scanner knows that it may concern the key: what [`push`] would
    /// have handed out for it.
    ///
    /// [`push`]: Scanner::push
    pub fn line(&self, number: u64, raw: &[u8], on: impl FnOnce(Found<'_>)) {
        let line = Line::read(raw, self.rules);
        let answer = line.candidate_for(&self.key);
        let holds = Finder::new(&self.text).find(line.raw).is_some();
        if holds || !matches!(answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
            on(Found {
                number,
                offset: 0,
                line,
                answer,
                cut: false,
            });
        }
    }

    /// The file ends: a last line without newline is looked at.
    pub fn finish(mut self, mut on: impl FnMut(Found<'_>)) -> Totals {
        let search = Search {
            rules: self.rules,
            key: self.key,
            text: &self.text,
            needles: &self.needles,
        };
        // What is left has no line feed; a CR at its end is one to Dropbear, and nothing follows it.
        let mut ended = false;
        let mut totals = self.feed.finish(&mut |region, number, offset, cut| {
            ended = self.rules.flavour == Flavour::Dropbear && region.last() == Some(&b'\r');
            search.region(region, number, offset, cut, &mut on)
        });
        totals.lines = totals.lines.saturating_sub(u64::from(ended));
        totals
    }
}

/// Regions below this many bytes are searched byte by byte: making a [`Finder`] costs more.
const SMALL: usize = 8 << 10;

/// Offsets at which `needle` stands in `region`.
fn find_all(needle: &[u8], region: &[u8], hits: &mut Vec<usize>) {
    match needle.first() {
        Some(&first) if region.len() < SMALL => {
            hits.extend(memchr_iter(first, region).filter(|&at| {
                region
                    .get(at..)
                    .is_some_and(|rest| rest.starts_with(needle))
            }))
        }
        _ => hits.extend(Finder::new(needle).find_iter(region)),
    }
}

struct Search<'s> {
    rules: &'s Rules,
    key: OfferedKey<'s>,
    text: &'s [u8],
    needles: &'s [Vec<u8>],
}

impl Search<'_> {
    /// Look at a region of whole lines; returns how many newlines it holds.
    fn region(
        &self,
        region: &[u8],
        number: u64,
        offset: u64,
        cut: bool,
        on: &mut dyn FnMut(Found<'_>),
    ) -> u64 {
        if self.rules.flavour == Flavour::Dropbear {
            return self.every_line(region, number, offset, cut, on);
        }
        let mut hits: Vec<usize> = Vec::new();
        for needle in self.needles {
            find_all(needle, region, &mut hits);
        }
        // A blank inside the base64 hides it from the search.
        let mut skip_to = 0;
        for at in memchr3_iter(0x0b, 0x0c, b'\r', region) {
            let line_end =
                matches!(region.get(at + 1), None | Some(b'\n')) && region.get(at) == Some(&b'\r');
            if at < skip_to || line_end {
                continue;
            }
            hits.push(at);
            skip_to =
                memchr(b'\n', region.get(at..).unwrap_or(&[])).map_or(region.len(), |n| at + n);
        }
        hits.sort_unstable();
        let mut counted = (0usize, 0u64);
        let mut done_to = 0;
        for at in hits {
            if at < done_to {
                continue;
            }
            let start = memrchr(b'\n', region.get(..at).unwrap_or(&[])).map_or(0, |n| n + 1);
            let end =
                memchr(b'\n', region.get(at..).unwrap_or(&[])).map_or(region.len(), |n| at + n);
            done_to = end.max(at + 1);
            counted.1 += newlines(region.get(counted.0..start).unwrap_or(&[]));
            counted.0 = start;
            let number = number.saturating_add(counted.1);
            if self.rules.max_lines.is_some_and(|max| number > max as u64) {
                break;
            }
            let line = Line::read(region.get(start..end).unwrap_or(&[]), self.rules);
            let answer = line.candidate_for(&self.key);
            let holds = Finder::new(self.text).find(line.raw).is_some();
            if holds || !matches!(answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
                on(Found {
                    number,
                    offset: offset.saturating_add(start as u64),
                    line,
                    answer,
                    cut,
                });
            }
        }
        counted.1 + newlines(region.get(counted.0..).unwrap_or(&[]))
    }

    /// Dropbear's `buf_getline` ends a line at CR too, and its base64 may hold anything: no text to
    /// search for.
    fn every_line(
        &self,
        region: &[u8],
        number: u64,
        offset: u64,
        cut: bool,
        on: &mut dyn FnMut(Found<'_>),
    ) -> u64 {
        let mut start = 0;
        let mut ends = 0u64;
        for part in region.split_inclusive(|b| matches!(b, b'\n' | b'\r')) {
            let raw = part
                .strip_suffix(b"\n")
                .or_else(|| part.strip_suffix(b"\r"));
            let number = number.saturating_add(ends);
            let at = offset.saturating_add(start as u64);
            start += part.len();
            ends += u64::from(raw.is_some());
            if self.rules.max_lines.is_some_and(|max| number > max as u64) {
                continue;
            }
            let line = Line::read(raw.unwrap_or(part), self.rules);
            let answer = line.candidate_for(&self.key);
            let holds = Finder::new(self.text).find(line.raw).is_some();
            if holds || !matches!(answer, Answer::NoKeyHere(_) | Answer::OtherKey { .. }) {
                on(Found {
                    number,
                    offset: at,
                    line,
                    answer,
                    cut,
                });
            }
        }
        ends
    }
}

fn newlines(text: &[u8]) -> u64 {
    memchr_iter(b'\n', text).count() as u64
}

/// Hands out every line of a stream.
#[derive(Debug, Default)]
pub struct Lines {
    feed: Feed,
}

impl Lines {
    /// A fresh one.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next bytes. `on(number, offset, line without its newline)` for each line that is complete; of a line
    /// longer than [`MAX_HELD`] its beginning.
    pub fn push(&mut self, chunk: &[u8], mut on: impl FnMut(u64, u64, &[u8])) {
        self.feed.push(chunk, &mut |region, number, offset, _| {
            each(region, number, offset, &mut on)
        });
    }

    /// The file ends.
    pub fn finish(mut self, mut on: impl FnMut(u64, u64, &[u8])) -> Totals {
        self.feed.finish(&mut |region, number, offset, _| {
            on(number, offset, region);
            0
        })
    }
}

fn each(region: &[u8], number: u64, offset: u64, on: &mut dyn FnMut(u64, u64, &[u8])) -> u64 {
    let mut start = 0;
    let mut n = 0;
    for at in memchr_iter(b'\n', region) {
        on(
            number.saturating_add(n),
            offset.saturating_add(start as u64),
            region.get(start..at).unwrap_or(&[]),
        );
        start = at + 1;
        n += 1;
    }
    if start < region.len() {
        on(
            number.saturating_add(n),
            offset.saturating_add(start as u64),
            region.get(start..).unwrap_or(&[]),
        );
    }
    n
}
