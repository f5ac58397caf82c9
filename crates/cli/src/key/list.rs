//! A file of many public keys: each listed, and what sshd would skip named.

use super::no_key::broken_private;
use super::problem::{Problem, ProblemDoc};
use super::public_file;
use super::show::{KeyDoc, key_doc};
use super::source::Source;
use crate::failure::Failure;
use serde::Serialize;
use sshwhy_authfile::damage::{DamageKind, diagnose_line, survey};
use sshwhy_authfile::{Line, LineKind, Rules};
use sshwhy_keys::{
    Format, LoadError, LoadedPublic, PublicKey, VEIL_LONG, load_public, sniff, veiled_text,
};
use sshwhy_report::{Grade, safe};
use std::borrow::Cow;
use std::io::{self, Read, Write};

/// Most problems that are told of one file; the rest is counted.
const TOLD: usize = 1000;

/// Whether the file is a list: too long to be one key, or of several public ones.
pub(super) fn is_list(source: &Source) -> bool {
    source.rest.is_some() || is_many(&source.data)
}

/// Whether the file holds several public keys and no private one.
fn is_many(data: &[u8]) -> bool {
    // Most files are told apart by their first bytes.
    if data.iter().filter(|b| **b == b'\n').count() < 2 {
        return false;
    }
    let blocks = sniff(data).blocks;
    let line = |f: &Format| {
        matches!(
            f,
            Format::PublicLine
                | Format::CertificateLine
                | Format::OptionsLine
                | Format::KnownHostsLine
                | Format::BareBase64
                | Format::Rfc4716
        )
    };
    blocks.len() > 1
        && blocks.iter().filter(|b| line(&b.format)).count() > 1
        && !blocks.iter().any(|b| b.format.is_private())
        // The lines of a private key whose first line is lost.
        && !(blocks.iter().all(|b| b.format == Format::BareBase64)
            && broken_private(data).is_some())
}

/// The line of a key, the key, its comment.
type Listed = (u64, PublicKey, Vec<u8>);

/// A file of many keys, gone through as it is printed.
pub(super) struct Keys {
    name: Vec<u8>,
    keys: Vec<Listed>,
    problems: Vec<Problem>,
    untold: usize,
}

/// One line of the list, as `ssh-keygen -l` prints it, behind the number of its line.
fn row(out: &mut Vec<u8>, line: u64, key: &PublicKey, comment: &[u8]) {
    number(out, line, 6);
    out.extend_from_slice(b"  ");
    number(out, u64::from(key.bits()), 4);
    out.push(b' ');
    key.fingerprint_into(out);
    out.push(b' ');
    match comment {
        [] => out.extend_from_slice(b"no comment"),
        // A line of a private key may have been pasted behind a public one.
        c if c.len() >= VEIL_LONG => {
            out.extend_from_slice(safe::shown(&veiled_text(c, VEIL_LONG)).as_bytes());
        }
        c if c.iter().all(|b| matches!(b, b' '..=b'~')) => out.extend_from_slice(c),
        c => out.extend_from_slice(safe::shown(c).as_bytes()),
    }
    out.extend_from_slice(b" (");
    out.extend_from_slice(key.key_type().short_name().as_bytes());
    out.extend_from_slice(b")\n");
}

/// A number with blanks before it: many are written.
fn number(out: &mut Vec<u8>, n: u64, width: usize) {
    let mut digits = [b' '; 20];
    let (mut rest, mut len) = (n, 0usize);
    for place in digits.iter_mut().rev() {
        // Smaller than ten.
        *place = b'0'.saturating_add(u8::try_from(rest % 10).unwrap_or(0));
        rest /= 10;
        len = len.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    let from = digits.len().saturating_sub(len.max(width));
    out.extend_from_slice(digits.get(from..).unwrap_or_default());
}

/// The key of a line in whatever form sshd or ssh-keygen reads it, and its comment.
fn key_of<'a>(line: &Line<'a>) -> Option<(PublicKey, Cow<'a, [u8]>)> {
    match &line.kind {
        LineKind::Candidate(c) => {
            let comment = c.comment.of(line.raw).trim_ascii_end();
            Some((c.public_key().ok()?, Cow::Borrowed(comment)))
        }
        LineKind::Blank | LineKind::Comment => None,
        LineKind::Dead(_) => {
            let loaded = load_public(line.raw).ok()?;
            (!loaded.private).then_some((loaded.key, Cow::Owned(loaded.comment)))
        }
    }
}

/// Bytes that a processor goes through at a time.
const PIECE: usize = 8 << 20;

/// Longest line that is waited for.
const LONGEST: usize = 64 << 20;

/// What some lines hold.
struct Part<T> {
    found: T,
    problems: Vec<Problem>,
    untold: usize,
}

/// Goes through whole lines, the first of which is number `first`. `take` gets each key with the
/// number of its line.
fn go<T: Default>(
    bytes: &[u8],
    first: u64,
    rules: &Rules,
    diagnosed: bool,
    take: impl Fn(&mut T, u64, PublicKey, &[u8]),
) -> Part<T> {
    let mut part = Part {
        found: T::default(),
        problems: Vec::new(),
        untold: 0,
    };
    for (number, raw) in (first..).zip(lines(bytes)) {
        let line = Line::read(raw, rules);
        if diagnosed && let Some(d) = diagnose_line(&line) {
            if part.problems.len() < TOLD {
                let mut p = public_file::of_damage(&d, raw);
                p.place.line = Some(number);
                part.problems.push(p);
            } else {
                part.untold += 1;
            }
        }
        if let Some((key, comment)) = key_of(&line) {
            take(&mut part.found, number, key, &comment);
        }
    }
    part
}

/// The lines with their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n.saturating_add(1));
        let (line, tail) = rest.split_at_checked(end)?;
        rest = tail;
        (!line.is_empty()).then_some(line)
    })
}

/// The bytes in as many pieces of whole lines as there are processors.
fn pieces(bytes: &[u8], count: usize) -> Vec<&[u8]> {
    let size = bytes.len() / count.max(1);
    let mut out = Vec::new();
    let mut rest = bytes;
    while rest.len() > size.max(1 << 16) {
        let cut = rest
            .iter()
            .skip(size)
            .position(|&b| b == b'\n')
            .map_or(rest.len(), |n| n.saturating_add(size).saturating_add(1));
        let Some((piece, tail)) = rest.split_at_checked(cut) else {
            break;
        };
        out.push(piece);
        rest = tail;
    }
    out.push(rest);
    out
}

/// How many lines begin in whole lines.
fn count_lines(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', bytes).count();
    let open = usize::from(bytes.last().is_some_and(|b| *b != b'\n'));
    u64::try_from(ends.saturating_add(open)).unwrap_or(u64::MAX)
}

/// Goes through all lines, on all processors; `on` gets what `take` made of each piece, in order.
fn walk<T: Default + Send>(
    source: Source,
    take: impl Fn(&mut T, u64, PublicKey, &[u8]) + Sync,
    mut on: impl FnMut(T) -> io::Result<()>,
) -> io::Result<(Vec<Problem>, usize)> {
    // Public keys alone from here on, and many.
    crate::wipe::end();
    super::hold::let_go();
    let rules = public_file::rules();
    let mut problems: Vec<Problem> = Vec::new();
    let mut untold = 0usize;
    let many = source.rest.is_some();
    if !many {
        // A file of this size is looked at as a whole: lines that were broken belong together.
        let blocks = sniff(&source.data).blocks;
        let certificates = blocks
            .first()
            .is_some_and(|b| b.format == Format::CertificateLine);
        survey(&source.data, &rules, |d| {
            // A file of certificates is none of authorized_keys.
            if certificates && d.kind == DamageKind::Certificate {
                return true;
            }
            match problems.len() < TOLD {
                true => problems.push(public_file::of_damage(&d, &source.data)),
                false => untold += 1,
            }
            true
        });
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let at_a_time = PIECE.saturating_mul(processors);
    let mut rest: Box<dyn Read> = source.rest.unwrap_or_else(|| Box::new(io::empty()));
    let mut held = source.data;
    let mut next = 1u64;
    loop {
        let missing = at_a_time.saturating_sub(held.len()).max(1 << 16);
        let want = u64::try_from(missing).unwrap_or(u64::MAX);
        held.reserve(missing);
        let got = rest.by_ref().take(want).read_to_end(&mut held)?;
        // What is gone through ends with a line, or with the file.
        let end = match got {
            0 => held.len(),
            _ => memchr::memrchr(b'\n', &held).map_or(0, |n| n.saturating_add(1)),
        };
        if end == 0 && held.len() > LONGEST {
            return Err(io::Error::other("expected lines, found one without end"));
        }
        let whole = held.get(..end).unwrap_or_default();
        let parts: Vec<Part<T>> = std::thread::scope(|scope| {
            let (rules, take) = (&rules, &take);
            let work: Vec<_> = pieces(whole, processors)
                .into_iter()
                .map(|piece| {
                    let first = next;
                    next = next.saturating_add(count_lines(piece));
                    scope.spawn(move || go(piece, first, rules, many, take))
                })
                .collect();
            work.into_iter().filter_map(|w| w.join().ok()).collect()
        });
        for part in parts {
            let room = TOLD.saturating_sub(problems.len());
            let over = part.problems.len().saturating_sub(room);
            problems.extend(part.problems.into_iter().take(room));
            untold = untold.saturating_add(part.untold).saturating_add(over);
            on(part.found)?;
        }
        held.drain(..end);
        if got == 0 {
            return Ok((problems, untold));
        }
    }
}

fn unreadable(name: &[u8], e: &io::Error) -> Failure {
    Failure::new(
        format!("cannot read {}", String::from_utf8_lossy(name)),
        e.to_string(),
        "name another file",
    )
}

/// The blocks of several lines among the keys, and what is to be said of them; a line is read by
/// [`walk`].
fn blocks(data: &[u8]) -> (Vec<Listed>, Vec<Problem>) {
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for (line, loaded) in blocks_of(data) {
        match loaded {
            Ok(key) => keys.push((line, key.key, key.comment)),
            Err(e) => problems.push(public_file::broken(&e)),
        }
        if let Some(p) = problems.last_mut()
            && p.place.line == Some(1)
        {
            p.place.line = Some(line);
        }
    }
    (keys, problems)
}

/// Each RFC 4716 block with its first line.
fn blocks_of(data: &[u8]) -> Vec<(u64, Result<LoadedPublic, LoadError>)> {
    let found = sniff(data).blocks.into_iter();
    found
        .filter(|b| b.format == Format::Rfc4716)
        .map(|b| {
            let line = u64::try_from(b.line).unwrap_or(u64::MAX);
            (line, load_public(data.get(b.span).unwrap_or_default()))
        })
        .collect()
}

/// Reads it to its end.
pub(super) fn read(source: Source) -> Result<Keys, Failure> {
    let name = source.name.clone();
    let (more, broken) = match source.rest {
        None => blocks(&source.data),
        Some(_) => (Vec::new(), Vec::new()),
    };
    let mut keys = Vec::new();
    let take =
        |all: &mut Vec<_>, line, key, comment: &[u8]| all.push((line, key, comment.to_vec()));
    let (problems, untold) = walk(source, take, |all| {
        keys.extend(all);
        Ok(())
    })
    .map_err(|e| unreadable(&name, &e))?;
    crate::wipe::begin();
    let mut problems = problems;
    for p in &mut problems {
        // Such a file is what it is meant to be, and sshd is not meant to read it.
        if p.id == "key-line-rfc4716" && !more.is_empty() {
            p.grade = Grade::Note;
            *p = p
                .clone()
                .helped("get the lines that sshd reads: sshwhy key line FILE");
        }
    }
    problems.extend(broken);
    keys.extend(more);
    keys.sort_by_key(|(line, ..)| *line);
    Ok(Keys {
        name,
        keys,
        problems,
        untold,
    })
}

/// Prints it line by line as it is read, and gives the exit code back.
pub(super) fn stream(source: Source, out: &mut impl Write) -> io::Result<u8> {
    if source.rest.is_none() && !blocks_of(&source.data).is_empty() {
        let keys = read(source).map_err(|f| io::Error::other(f.why))?;
        keys.text(out)?;
        return Ok(u8::from(keys.is_damaged()));
    }
    let name = source.name.clone();
    let mut count = 0usize;
    // The text is made on all processors.
    let take = |(count, text): &mut (usize, Vec<u8>), line, key: PublicKey, comment: &[u8]| {
        *count += 1;
        if text.capacity() == 0 {
            text.reserve(PIECE);
        }
        row(text, line, &key, comment);
    };
    let (problems, untold) = walk(source, take, |(n, text)| {
        count += n;
        out.write_all(&text)
    })?;
    let keys = Keys {
        name,
        keys: Vec::new(),
        problems,
        untold,
    };
    keys.end(count, out)?;
    Ok(u8::from(keys.is_damaged()))
}

impl Keys {
    pub(super) fn is_damaged(&self) -> bool {
        self.untold > 0 || self.problems.iter().any(Problem::is_damage)
    }

    pub(super) fn text(&self, mut out: &mut dyn Write) -> io::Result<()> {
        let mut text = Vec::new();
        for (line, key, comment) in &self.keys {
            text.clear();
            row(&mut text, *line, key, comment);
            out.write_all(&text)?;
        }
        self.end(self.keys.len(), &mut out)
    }

    fn end(&self, count: usize, mut out: &mut impl Write) -> io::Result<()> {
        let name = safe::shown(&self.name);
        let told = self.problems.iter().filter(|p| p.is_damage()).count();
        let broken = told.saturating_add(self.untold);
        writeln!(
            out,
            "{name}: {}, {} that sshd passes over",
            super::text::count(count, "public key"),
            super::text::count(broken, "broken line")
        )?;
        let out: &mut dyn Write = &mut out;
        for p in &self.problems {
            writeln!(out)?;
            p.message(&self.name).render(out)?;
        }
        if self.untold > 0 {
            writeln!(out, "\nand {} more broken lines", self.untold)?;
        }
        Ok(())
    }

    pub(super) fn document(&self) -> Doc<'_> {
        let (causes, notes): (Vec<&Problem>, Vec<&Problem>) =
            self.problems.iter().partition(|p| p.is_damage());
        let docs = |all: Vec<&Problem>| all.iter().map(|p| p.document(&self.name)).collect();
        Doc {
            file: safe::json(&self.name),
            state: if self.is_damaged() {
                "damaged"
            } else {
                "whole"
            },
            keys: self
                .keys
                .iter()
                .map(|(line, key, comment)| LineDoc {
                    line: *line,
                    key: key_doc(key, comment, &self.name),
                })
                .collect(),
            causes: docs(causes),
            notes: docs(notes),
            untold: self.untold,
            _name: &self.name,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Doc<'a> {
    file: String,
    state: &'static str,
    keys: Vec<LineDoc>,
    causes: Vec<ProblemDoc>,
    notes: Vec<ProblemDoc>,
    /// Broken lines that are counted alone.
    untold: usize,
    #[serde(skip)]
    _name: &'a [u8],
}

#[derive(Serialize)]
struct LineDoc {
    line: u64,
    #[serde(flatten)]
    key: KeyDoc,
}
