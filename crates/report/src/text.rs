//! The message, in rustc's manner: what, where, why, fix, more.

use crate::diagram;
use crate::document::{Document, Entry};
use crate::quote::{mode_text, quote, span_of};
use crate::safe::shown;
use crate::secret::masked;
use crate::words::{Words, level_word};
use anstyle::{AnsiColor, Style};
use sshwhy_causes::{Certainty, Evidence, EvidenceKind, Finding, Level, Safety};
use sshwhy_verdict::{Outcome, Verdict};
use sshwhy_world::Gap;
use std::io::{self, Write};

pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const OPEN: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
pub(crate) const LABEL: Style = AnsiColor::Blue.on_default().bold();
pub(crate) const STRONG: Style = Style::new().bold();

/// How much to print.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// `-v`: the server, every gate, and the diagram of every result.
    pub verbose: bool,
}

/// Prints a document. Colours are written as escape sequences; who does not want them strips them.
///
/// # Errors
/// Those of `out`.
pub fn render(doc: &Document, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    if detail.verbose
        && let Some(server) = &doc.server
    {
        let config = shown(&server.config);
        let build = shown(server.build.as_bytes());
        writeln!(
            out,
            "server: {} ({build}) {config}\n",
            shown(server.software.as_bytes())
        )?;
    }
    if let Some(root) = doc.server.as_ref().and_then(|s| s.root.as_deref()) {
        let root = shown(root);
        writeln!(
            out,
            "paths and commands are those of the system under {root}: run them in it (chroot {root})\n"
        )?;
    }
    for (n, entry) in doc.results.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        let alone = doc.results.len() == 1;
        result(entry, alone, detail, out)?;
    }
    if doc.results.len() > 1 {
        let count = |v: Verdict| -> usize {
            doc.results
                .iter()
                .filter(|e| e.judgement.verdict == v)
                .map(|e| e.count)
                .sum()
        };
        writeln!(
            out,
            "\n{} accepted, {} refused, {} undetermined",
            count(Verdict::Accept),
            count(Verdict::Refuse),
            count(Verdict::Undetermined)
        )?;
    }
    Ok(())
}

fn proven(j: &sshwhy_verdict::Judgement) -> bool {
    let first = j.causes.first();
    first.is_some_and(|f| f.certainty == Certainty::Certain)
}

fn subject_line(entry: &Entry) -> String {
    let s = &entry.subject;
    let mut out = match &s.user {
        Some(user) => shown(user),
        None => "a login".into(),
    };
    match &s.key {
        Some(key) => {
            out.push_str(&format!(" with {}", shown(key.fingerprint.as_bytes())));
            if !key.key_type.is_empty() {
                out.push_str(&format!(
                    " ({}, {})",
                    shown(&key.key_type),
                    shown(&key.source)
                ));
            }
            if entry.count > 1 {
                out.push_str(&format!(" and {} more keys alike", entry.count - 1));
            }
        }
        None if s.user.is_some() => out.push_str(" without a known key"),
        None => {}
    }
    if let Some(from) = s.shown_from() {
        out.push_str(&format!(" from {from}"));
        if let Some(host) = &s.from_host {
            out.push_str(&format!(" ({})", shown(host)));
        }
    }
    if let Some(to) = s.shown_to() {
        out.push_str(&format!(" to {to}"));
    }
    out
}

fn result(entry: &Entry, alone: bool, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let j = &entry.judgement;
    writeln!(out, "{STRONG}{}{STRONG:#}", subject_line(entry))?;
    match j.verdict {
        Verdict::Accept => {
            let word = if entry.observed {
                "accepted"
            } else {
                "would accept"
            };
            let what = if j.after_login.is_empty() {
                "sshd lets this login in"
            } else {
                "sshd takes the key, and then the session ends or is not what was asked for"
            };
            writeln!(out, "{GOOD}{word}{GOOD:#}: {what}")?;
            let let_in = j.trace.iter().find(|s| {
                matches!(s.gate, "user_key_allowed" | "checkpubkey")
                    && s.outcome == Outcome::Pass
                    && !s.detail.is_empty()
            });
            if let Some(step) = let_in {
                fact(out, "let in by", &shown(&masked(&step.detail)))?;
            }
        }
        // It was seen to happen, and its cause is not proven.
        Verdict::Refuse if entry.observed && !proven(j) => {
            let place = j.trace.iter().find(|s| s.outcome == Outcome::Fail);
            let place = place.map_or_else(String::new, |s| shown(&s.detail));
            writeln!(out, "{BAD}refused{BAD:#}: {place}")?;
        }
        Verdict::Refuse => {}
        Verdict::Undetermined if j.causes.is_empty() => {
            writeln!(
                out,
                "{OPEN}may refuse{OPEN:#}: a fact is missing that decides this login"
            )?;
            gaps(&j.gaps, out)?;
        }
        Verdict::Undetermined => {}
    }
    let unsaid: Vec<Gap> = j
        .gaps
        .iter()
        .filter(|g| !j.causes.iter().any(|f| f.gap.as_ref() == Some(*g)))
        .cloned()
        .collect();
    let ranked = |f: &&Finding| f.probability.is_some() && f.certainty < Certainty::Certain;
    let told = j.causes.iter().filter(|f| !ranked(f));
    for (n, f) in told.enumerate() {
        let refuses = j.verdict == Verdict::Refuse && f.certainty == Certainty::Certain;
        let word = match (refuses, entry.observed, n) {
            (true, true, 0) => "refused",
            (true, _, 0) => "would refuse",
            (true, _, _) => "would still refuse",
            (false, _, _) => "may refuse",
        };
        if n == 1 && j.verdict == Verdict::Refuse && !entry.observed {
            writeln!(out, "then, once that is mended:")?;
        }
        finding(f, word, if refuses { BAD } else { OPEN }, true, out)?;
    }
    guesses(&j.causes.iter().filter(ranked).collect::<Vec<_>>(), out)?;
    if j.verdict == Verdict::Undetermined && !j.causes.is_empty() {
        gaps(&unsaid, out)?;
    }
    if !j.after_login.is_empty() {
        writeln!(out, "the key is accepted, then:")?;
        for f in j.after_login.iter().filter(|f| !ranked(f)) {
            finding(f, "after login", OPEN, true, out)?;
        }
        guesses(
            &j.after_login.iter().filter(ranked).collect::<Vec<_>>(),
            out,
        )?;
    }
    for f in &j.notes {
        finding(f, "note", LABEL, false, out)?;
    }
    if alone || detail.verbose {
        let lines = diagram::lines(entry);
        if !lines.is_empty() {
            writeln!(out)?;
        }
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    if detail.verbose {
        for step in &j.trace {
            let text = shown(&masked(&step.detail));
            let gap = if text.is_empty() { "" } else { "  " };
            writeln!(out, "  {:<8} {}{gap}{text}", step.outcome.word(), step.gate)?;
        }
    }
    Ok(())
}

/// Ranked causes, in short: none of them is known to be the one.
fn guesses(causes: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    const SHOWN: usize = 8;
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "{OPEN}may refuse{OPEN:#}: which of these it is cannot be seen from the client; the likeliest first"
    )?;
    for f in causes.iter().take(SHOWN) {
        let percent = f.probability.unwrap_or_default() * 100.0;
        let title = Words::of(f).title;
        let id = f.cause.id;
        writeln!(
            out,
            "  {percent:>3.0} %  {STRONG}{id}{STRONG:#}: {}",
            shown(&title)
        )?;
    }
    if causes.len() > SHOWN {
        let rest = causes.len() - SHOWN;
        writeln!(out, "         and {rest} more, each less likely")?;
    }
    let mut tests: Vec<&str> = Vec::new();
    for f in causes.iter().take(SHOWN) {
        if let Some(gap) = &f.gap
            && !tests.contains(&gap.get.as_str())
        {
            tests.push(&gap.get);
        }
    }
    for test in tests.iter().take(3) {
        fact(out, "test", &shown(test.as_bytes()))?;
    }
    Ok(())
}

pub(crate) fn fact(out: &mut dyn Write, name: &str, text: &str) -> io::Result<()> {
    writeln!(out, "   {LABEL}={LABEL:#} {STRONG}{name}{STRONG:#}: {text}")
}

fn gaps(gaps: &[Gap], out: &mut dyn Write) -> io::Result<()> {
    for gap in gaps {
        let what = shown(gap.what.as_bytes());
        fact(
            out,
            "missing",
            &format!("{what}: {}", shown(gap.why.as_bytes())),
        )?;
        if !gap.get.is_empty() {
            fact(out, "get it", &shown(gap.get.as_bytes()))?;
        }
    }
    Ok(())
}

/// One cause with all it has to say; `in_full` is for what decides.
fn finding(
    f: &Finding,
    word: &str,
    style: Style,
    in_full: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let words = Words::of(f);
    let id = f.cause.id;
    writeln!(
        out,
        "{style}{word}[{id}]{style:#}: {STRONG}{}{STRONG:#}",
        shown(&words.title)
    )?;
    let width = f
        .evidence
        .iter()
        .filter_map(|e| e.line)
        .max()
        .map_or(2, |n| n.to_string().len().max(2));
    for (n, e) in f.evidence.iter().enumerate() {
        evidence(Some(f), e, n == 0, width, words.rule.is_some(), out)?;
    }
    if let Some(rule) = &words.rule {
        fact(out, "rule", &shown(rule))?;
    }
    if in_full && let Some(note) = &words.note {
        fact(out, "note", &shown(note))?;
    }
    if let Some(gap) = &f.gap {
        gaps(std::slice::from_ref(gap), out)?;
    }
    for fix in &words.fixes {
        let by = match fix.by.as_slice() {
            b"you" => String::new(),
            by => format!(", as {}", shown(by)),
        };
        let safety = match fix.safety {
            Safety::Neutral => "",
            Safety::Tightens => " [tightens]",
            Safety::Weakens => " [weakens the server]",
        };
        fact(
            out,
            "help",
            &format!("on the {}{by}: {}{safety}", fix.at, shown(&fix.text)),
        )?;
        for command in &fix.commands {
            writeln!(out, "             {}", shown(command))?;
        }
        if fix.by_hand {
            writeln!(
                out,
                "             (no command is given: a name here holds bytes that cannot be typed \
                 safely; do it by hand, with the name as `ls -b` shows it)"
            )?;
        }
    }
    if in_full {
        log(&words, out)?;
    }
    fact(out, "more", &format!("sshwhy explain {id}"))
}

/// What sshd writes about it: at the default LogLevel, or the least one that shows anything.
fn log(words: &Words, out: &mut dyn Write) -> io::Result<()> {
    let at = |level| {
        words
            .log
            .iter()
            .filter(move |(l, _)| *l == level)
            .map(|(_, t)| t)
    };
    let mut any = false;
    for text in at(Level::Info) {
        fact(out, "log", &shown(text))?;
        any = true;
    }
    if !any {
        let least = words
            .log
            .iter()
            .map(|(l, _)| *l)
            .filter(|l| *l != Level::Other)
            .min();
        match least {
            Some(level) => {
                let name = level_word(level);
                let text = at(level).next().map(|t| shown(t)).unwrap_or_default();
                fact(
                    out,
                    "log",
                    &format!("nothing at LogLevel INFO; at {name}: {text}"),
                )?;
            }
            None => fact(out, "log", "sshd logs nothing for it, at any LogLevel")?,
        }
    }
    for text in at(Level::Other) {
        fact(
            out,
            "log",
            &format!("{} (not sshd's own line)", shown(text)),
        )?;
    }
    Ok(())
}

/// One piece of evidence; `f` tells which rights of a path are marked.
pub(crate) fn evidence(
    f: Option<&Finding>,
    e: &Evidence,
    first: bool,
    width: usize,
    rule_said: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let pad = " ".repeat(width);
    let bar = format!("{pad} {LABEL}|{LABEL:#}");
    let detail = e.detail.as_deref().map(|d| shown(&masked(d)));
    if let Some(path) = &e.path {
        let arrow = if first { "-->" } else { ":::" };
        let mut place = shown(path);
        if let Some(line) = e.line {
            place.push_str(&format!(":{line}"));
            if let Some(column) = e.column {
                place.push_str(&format!(":{column}"));
            }
        }
        writeln!(out, "{pad}{LABEL}{arrow}{LABEL:#} {place}")?;
    }
    if let Some(text) = &e.text {
        let q = quote(text, span_of(e, text.len()), e.text_column > 1);
        let number = e.line.map_or_else(String::new, |n| n.to_string());
        writeln!(out, "{LABEL}{number:>width$} |{LABEL:#} {}", q.line)?;
        let (at, len) = q.under.unwrap_or((0, 0));
        let marks = if len > 0 {
            "^".repeat(len)
        } else {
            String::new()
        };
        let words = detail.unwrap_or_default();
        if len > 0 || !words.is_empty() {
            let line = format!("{}{BAD}{marks}{BAD:#} {words}", " ".repeat(at));
            writeln!(out, "{bar} {}", line.trim_end())?;
        }
        return Ok(());
    }
    match e.kind {
        EvidenceKind::Path => {
            if let Some(mode) = e.mode {
                let owner = e.owner.as_deref().map(shown).unwrap_or_default();
                let group = e.group.as_deref().map(shown).unwrap_or_default();
                let path = e.path.as_deref().map(shown).unwrap_or_default();
                let shown_mode = mode_text(mode, e.is_dir);
                writeln!(out, "{bar}  {shown_mode}  {owner} {group}  {path}")?;
                if let Some((marks, label)) =
                    f.and_then(|f| mode_marks(f, e, owner.chars().count()))
                {
                    let words = detail.map_or(label.clone(), |d| format!("{label}; {d}"));
                    writeln!(out, "{bar}  {BAD}{marks}{BAD:#} {words}")?;
                } else if let Some(d) = detail {
                    writeln!(out, "{bar}  {d}")?;
                }
            } else if let Some(d) = detail {
                writeln!(out, "{bar}  {d}")?;
            }
        }
        EvidenceKind::Config => {
            let word = e.keyword.as_deref().unwrap_or("");
            let value = e
                .value
                .as_deref()
                .map(|v| shown(&masked(v)))
                .unwrap_or_default();
            if e.path.is_none() && rule_said {
                return Ok(());
            }
            let setting = format!("{word} {value}");
            match &e.origin {
                Some(origin) => {
                    fact(
                        out,
                        "setting",
                        &format!("{} ({})", setting.trim(), shown(origin)),
                    )?;
                }
                None => fact(out, "setting", setting.trim())?,
            }
        }
        _ => {
            let value = e.value.as_deref().map(|v| shown(&masked(v)));
            let line = match (value, detail) {
                (Some(v), Some(d)) => format!("{v}: {d}"),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => return Ok(()),
            };
            writeln!(out, "{bar}  {line}")?;
        }
    }
    Ok(())
}

/// Carets under the bits or the owner that matter, and what they say.
fn mode_marks(f: &Finding, e: &Evidence, owner_width: usize) -> Option<(String, String)> {
    let arg = |name: &str| f.args.get(name).map(shown);
    if e.path.as_deref() != f.args.get("path") {
        return None;
    }
    let mode = e.mode?;
    let mut columns: Vec<usize> = Vec::new();
    let label = if let Some(clear) = arg("clear") {
        let who = clear.split('-').next().unwrap_or("");
        let mut names = Vec::new();
        if who.contains('g') && mode & 0o020 != 0 {
            columns.push(5);
            names.push("group");
        }
        if who.contains('o') && mode & 0o002 != 0 {
            columns.push(8);
            names.push("others");
        }
        let by = arg("who").map(|w| format!(": {w}")).unwrap_or_default();
        format!("{} write{by}", names.join(" and "))
    } else if let Some(bits) = arg("bits") {
        let (who, right) = bits.split_once('+')?;
        let base = match who {
            "u" => 1,
            "g" => 4,
            "o" => 7,
            _ => return None,
        };
        let (step, name) = match right {
            "r" => (0, "read"),
            "w" => (1, "write"),
            "x" => (2, "search"),
            _ => return None,
        };
        columns.push(base + step);
        format!("{name} is missing here")
    } else if f.cause.id == "wrong-owner" {
        let want = arg("expected")
            .map(|n| format!(", not {n}"))
            .unwrap_or_default();
        return Some((
            format!("{}{}", " ".repeat(12), "^".repeat(owner_width.max(1))),
            format!("the owner{want}"),
        ));
    } else {
        return None;
    };
    let last = columns.last().copied()?;
    let marks = (0..=last)
        .map(|c| if columns.contains(&c) { '^' } else { ' ' })
        .collect();
    Some((marks, label))
}
