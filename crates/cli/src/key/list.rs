//! A file of many public keys: each listed, and what sshd would skip named.

use super::problem::{Problem, ProblemDoc};
use super::public_file;
use super::show::{KeyDoc, key_doc};
use super::source::Source;
use crate::failure::Failure;
use serde::Serialize;
use sshwhy_authfile::damage::{diagnose_line, survey};
use sshwhy_authfile::{Line, LineKind, Rules};
use sshwhy_keys::{Format, PublicKey, load_public, sniff};
use sshwhy_report::safe;
use std::io::{self, Read, Write};
use zeroize::Zeroizing;

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
        )
    };
    blocks.len() > 1
        && blocks.iter().filter(|b| line(&b.format)).count() > 1
        && !blocks.iter().any(|b| b.format.is_private())
}

/// A file of many keys, gone through as it is printed.
pub(super) struct Keys {
    name: Vec<u8>,
    keys: Vec<(u64, PublicKey, Vec<u8>)>,
    problems: Vec<Problem>,
    untold: usize,
}

/// One line of the list, as `ssh-keygen -l` prints it.
fn row(out: &mut impl Write, key: &PublicKey, comment: &[u8]) -> io::Result<()> {
    let short = key.key_type().short_name();
    let comment = if comment.is_empty() {
        b"no comment".as_slice()
    } else {
        comment
    };
    writeln!(
        out,
        "{:>4} {} {} ({short})",
        key.bits(),
        key.fingerprint(),
        safe::shown(comment)
    )
}

/// The key of a line in whatever form sshd or ssh-keygen reads it.
fn key_of<'a>(line: &Line<'a>) -> Option<(PublicKey, Vec<u8>)> {
    match &line.kind {
        LineKind::Candidate(c) => {
            let comment = c.comment.of(line.raw).trim_ascii_end();
            Some((c.public_key().ok()?, comment.to_vec()))
        }
        LineKind::Blank | LineKind::Comment => None,
        LineKind::Dead(_) => {
            let loaded = load_public(line.raw).ok()?;
            (!loaded.private).then_some((loaded.key, loaded.comment))
        }
    }
}

/// Bytes that are gone through at a time.
const PIECE: usize = 4 << 20;

/// What some lines hold.
struct Part<T> {
    found: T,
    /// How many lines they are.
    lines: u64,
    problems: Vec<Problem>,
    untold: usize,
}

/// Goes through whole lines. `take` gets each key with the number of its line, from 1 in `bytes`.
fn go<T: Default>(
    bytes: &[u8],
    rules: &Rules,
    diagnosed: bool,
    take: impl Fn(&mut T, u64, PublicKey, Vec<u8>),
) -> Part<T> {
    let mut part = Part {
        found: T::default(),
        lines: 0,
        problems: Vec::new(),
        untold: 0,
    };
    for raw in bytes.split_inclusive(|&b| b == b'\n') {
        part.lines = part.lines.saturating_add(1);
        let line = Line::read(raw, rules);
        if diagnosed && let Some(d) = diagnose_line(&line) {
            if part.problems.len() < TOLD {
                let mut p = public_file::of_damage(&d, raw);
                p.place.line = Some(part.lines);
                part.problems.push(p);
            } else {
                part.untold += 1;
            }
        }
        if let Some((key, comment)) = key_of(&line) {
            take(&mut part.found, part.lines, key, comment);
        }
    }
    part
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

/// Goes through all lines, on all processors; `on` gets what `take` made of each piece, in order,
/// with the number of lines before it.
fn walk<T: Default + Send>(
    source: Source,
    take: impl Fn(&mut T, u64, PublicKey, Vec<u8>) + Sync,
    mut on: impl FnMut(T, u64) -> io::Result<()>,
) -> io::Result<(Vec<Problem>, usize)> {
    let rules = public_file::rules();
    let mut problems: Vec<Problem> = Vec::new();
    let mut untold = 0usize;
    let many = source.rest.is_some();
    if !many {
        // A file of this size is looked at as a whole: lines that were broken belong together.
        survey(&source.data, &rules, |d| {
            match problems.len() < TOLD {
                true => problems.push(public_file::of_damage(&d, &source.data)),
                false => untold += 1,
            }
            true
        });
    }
    let mut rest: Box<dyn Read> = source.rest.unwrap_or_else(|| Box::new(io::empty()));
    let mut held = Zeroizing::new(source.data.to_vec());
    let mut before = 0u64;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    loop {
        let want = u64::try_from(PIECE).unwrap_or(u64::MAX);
        let got = rest.by_ref().take(want).read_to_end(&mut held)?;
        // What is gone through ends with a line, or with the file.
        let end = match got {
            0 => held.len(),
            _ => held
                .iter()
                .rposition(|&b| b == b'\n')
                .map_or(0, |n| n.saturating_add(1)),
        };
        let whole = held.get(..end).unwrap_or_default();
        let parts: Vec<Part<T>> = std::thread::scope(|scope| {
            let work: Vec<_> = pieces(whole, processors)
                .into_iter()
                .map(|piece| scope.spawn(|| go(piece, &rules, many, &take)))
                .collect();
            work.into_iter().filter_map(|w| w.join().ok()).collect()
        });
        for part in parts {
            for mut p in part.problems {
                if problems.len() >= TOLD {
                    untold += 1;
                    continue;
                }
                p.place.line = p.place.line.map(|l| l.saturating_add(before));
                problems.push(p);
            }
            untold = untold.saturating_add(part.untold);
            on(part.found, before)?;
            before = before.saturating_add(part.lines);
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

/// Reads it to its end.
pub(super) fn read(source: Source) -> Result<Keys, Failure> {
    let name = source.name.clone();
    let mut keys = Vec::new();
    let take = |all: &mut Vec<_>, line, key, comment| all.push((line, key, comment));
    let (problems, untold) =
        walk(source, take, |all, before| {
            keys.extend(all.into_iter().map(|(line, key, comment): (u64, _, _)| {
                (line.saturating_add(before), key, comment)
            }));
            Ok(())
        })
        .map_err(|e| unreadable(&name, &e))?;
    Ok(Keys {
        name,
        keys,
        problems,
        untold,
    })
}

/// Prints it line by line as it is read, and gives the exit code back.
pub(super) fn stream(source: Source, out: &mut impl Write) -> io::Result<u8> {
    let name = source.name.clone();
    let mut count = 0usize;
    // The text of each row is made on all processors; its number stands before it.
    let take = |all: &mut Vec<(u64, Vec<u8>)>, line, key: PublicKey, comment: Vec<u8>| {
        let mut text = Vec::with_capacity(128);
        // Writing to memory does not fail.
        let _ = row(&mut text, &key, &comment);
        all.push((line, text));
    };
    let (problems, untold) = walk(source, take, |all, before| {
        for (line, text) in all {
            count += 1;
            write!(out, "{:>6}  ", line.saturating_add(before))?;
            out.write_all(&text)?;
        }
        Ok(())
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
        for (line, key, comment) in &self.keys {
            write!(out, "{line:>6}  ")?;
            row(&mut out, key, comment)?;
        }
        self.end(self.keys.len(), &mut out)
    }

    fn end(&self, count: usize, mut out: &mut impl Write) -> io::Result<()> {
        let name = safe::shown(&self.name);
        let broken = self.problems.len().saturating_add(self.untold);
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
