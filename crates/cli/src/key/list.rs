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
use std::io::{self, BufRead, BufReader, Cursor, Read, Write};
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

/// One line of the list, as `ssh-keygen -l` prints it, with its number.
fn row(out: &mut impl Write, line: u64, key: &PublicKey, comment: &[u8]) -> io::Result<()> {
    let short = key.key_type().short_name();
    let comment = if comment.is_empty() {
        b"no comment".as_slice()
    } else {
        comment
    };
    writeln!(
        out,
        "{line:>6}  {:>4} {} {} ({short})",
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

/// Goes through the lines; `on` gets each key with its line.
fn walk(
    source: Source,
    rules: &Rules,
    mut on: impl FnMut(u64, PublicKey, Vec<u8>) -> io::Result<()>,
) -> io::Result<(Vec<Problem>, usize)> {
    let mut problems = Vec::new();
    let mut untold = 0;
    let many = source.rest.is_some();
    if !many {
        survey(&source.data, rules, |d| {
            match problems.len() < TOLD {
                true => problems.push(public_file::of_damage(&d, &source.data)),
                false => untold += 1,
            }
            true
        });
    }
    let rest: Box<dyn Read> = source.rest.unwrap_or_else(|| Box::new(io::empty()));
    let first = Zeroizing::new(source.data.to_vec());
    let mut reader = BufReader::with_capacity(1 << 17, Cursor::new(&**first).chain(rest));
    let mut raw = Vec::new();
    let mut number = 0u64;
    loop {
        raw.clear();
        if reader.read_until(b'\n', &mut raw)? == 0 {
            break;
        }
        number = number.saturating_add(1);
        let line = Line::read(&raw, rules);
        if many && let Some(mut d) = diagnose_line(&line) {
            if problems.len() < TOLD {
                let at = d.line;
                d.line = 1;
                d.last_line = 1;
                let mut p = public_file::of_damage(&d, &raw);
                p.place.line = Some(number.saturating_add(at).saturating_sub(1));
                problems.push(p);
            } else {
                untold += 1;
            }
        }
        if let Some((key, comment)) = key_of(&line) {
            on(number, key, comment)?;
        }
    }
    Ok((problems, untold))
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
    let (problems, untold) = walk(source, &public_file::rules(), |line, key, comment| {
        keys.push((line, key, comment));
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
    let (problems, untold) = walk(source, &public_file::rules(), |line, key, comment| {
        count += 1;
        row(out, line, &key, &comment)
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
            row(&mut out, *line, key, comment)?;
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
