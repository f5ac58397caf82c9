//! A plan in rustc's manners.

use super::Planned;
use sshwhy_mend::logins::{Difference, Means};
use sshwhy_mend::{Change, Touch, What};
use sshwhy_report::safe::shown;
use sshwhy_world::{AclTag, Fact, Kind, World};
use std::io::{self, Write};

const RED: &str = "\x1b[1m\x1b[31m";
const YELLOW: &str = "\x1b[1m\x1b[33m";
const GREEN: &str = "\x1b[1m\x1b[32m";
const BLUE: &str = "\x1b[1m\x1b[34m";
const BOLD: &str = "\x1b[1m";
const END: &str = "\x1b[0m";

/// Most columns of a line in a diff.
const COLUMNS: usize = 160;
/// Most lines of a diff, and most logins that are named one by one.
const MOST: usize = 24;

pub(crate) fn render(planned: &Planned, world: &dyn World, out: &mut dyn Write) -> io::Result<()> {
    let plan = &planned.plan;
    let who = planned
        .subjects
        .iter()
        .take(4)
        .map(|s| shown(s))
        .collect::<Vec<_>>()
        .join(", ");
    let more = planned.subjects.len().saturating_sub(4);
    let who = match more {
        0 => who,
        n => format!("{who} and {n} more"),
    };
    if planned.nothing_to_do() && planned.silent {
        writeln!(
            out,
            "{GREEN}nothing to change{END}: sshd would accept {who} once it runs; sshwhy audit names the command that starts it"
        )?;
        return left(planned, out);
    }
    if planned.nothing_to_do() {
        writeln!(out, "{GREEN}nothing to do{END}: sshd would accept {who}")?;
        return left(planned, out);
    }
    if planned.silent {
        writeln!(
            out,
            "{YELLOW}note{END}: no sshd listens; this is for the one that will be started (sshwhy audit says more)\n"
        )?;
    }
    let n = plan.changes.len();
    for (i, change) in plan.changes.iter().enumerate() {
        one(planned, world, change, i + 1, n, out)?;
    }
    if let Some(reload) = &plan.reload {
        let how = match (reload.restart, reload.listener) {
            (true, _) => "restart",
            (false, true) => "reload, with its socket unit where there is one",
            (false, false) => "reload",
        };
        let files: Vec<String> = reload.files.iter().map(|f| shown(f)).collect();
        let why = if files.is_empty() {
            "the running sshd works with something older than what is on disk".to_owned()
        } else {
            format!("it reads {} at its start", files.join(", "))
        };
        writeln!(
            out,
            "{BLUE}then{END}: {BOLD}sshd needs a {how}{END}\n   = why: {why}\n"
        )?;
    }
    left(planned, out)?;
    guarded(planned, out)?;
    let verdict = match (plan.accepts, planned.answer.allows()) {
        (true, true) if n == 0 => format!("{GREEN}would accept{END} {who} after the reload"),
        (true, true) => format!("{GREEN}would accept{END} {who} after {}", changes(n)),
        (true, false) => format!("{RED}refused{END}: the plan would change other logins too"),
        (false, _) => format!("{RED}no plan{END}: sshd would still refuse {who}"),
    };
    writeln!(out, "{verdict}")
}

fn changes(n: usize) -> String {
    match n {
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    }
}

fn one(
    planned: &Planned,
    world: &dyn World,
    change: &Change,
    i: usize,
    n: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let reason = change.reasons.first().copied().unwrap_or_default();
    writeln!(
        out,
        "{BLUE}change {i} of {n}[{reason}]{END}: {BOLD}{}{END}",
        summary(world, change)
    )?;
    writeln!(out, "  --> {}", shown(&change.path))?;
    for line in body(world, change) {
        writeln!(out, "   |  {line}")?;
    }
    for id in &change.reasons {
        if let Some(title) = planned.titles.get(id) {
            writeln!(out, "   = why: {}", shown(title))?;
        }
    }
    for touch in &change.touches {
        writeln!(out, "   = touches: {}", touched(touch))?;
    }
    let safety = match change.safety {
        sshwhy_causes::Safety::Tightens => "tightens: it takes rights from someone",
        sshwhy_causes::Safety::Neutral => "neutral: it lets in nobody but the login asked for",
        sshwhy_causes::Safety::Weakens => "weakens: it undoes what somebody decided",
    };
    writeln!(out, "   = safety: {safety}")?;
    writeln!(out, "   = more: sshwhy explain {reason}\n")
}

fn summary(world: &dyn World, change: &Change) -> String {
    match &change.what {
        What::Mode { to } => match &change.before {
            Some(node) => format!("mode {:04o} becomes {to:04o}", node.mode),
            None => format!("mode {to:04o}"),
        },
        What::Owner { uid, .. } => match &change.before {
            Some(node) => format!(
                "owner {} becomes {}",
                user(world, node.uid),
                user(world, *uid)
            ),
            None => format!("owner {}", user(world, *uid)),
        },
        What::Acl { to: Some(_) } => "the ACL gets one more entry".to_owned(),
        What::Acl { to: None } => "the ACL goes".to_owned(),
        What::Label { to } => match to {
            Some(label) => format!("label {}", shown(label)),
            None => "the policy's own label".to_owned(),
        },
        What::Write {
            before: None, made, ..
        } => format!(
            "a new file of {}, mode {:04o}",
            user(world, made.uid),
            made.mode
        ),
        What::Write { .. } => "the text is edited".to_owned(),
        What::MakeDir(made) => format!(
            "a new directory of {}, mode {:04o}",
            user(world, made.uid),
            made.mode
        ),
        What::Replace { made, .. } => {
            let old = match change.before.as_ref().map(|n| &n.kind) {
                Some(Kind::File) => "the file",
                Some(Kind::Link(_)) => "the link",
                Some(Kind::Fifo) => "the named pipe",
                _ => "what lies there",
            };
            format!(
                "a fresh file of {}, mode {:04o}, takes the place of {old}",
                user(world, made.uid),
                made.mode
            )
        }
        What::Remove { .. } => "it goes".to_owned(),
    }
}

fn user(world: &dyn World, uid: u32) -> String {
    if uid == 0 {
        return "root".to_owned();
    }
    match world.accounts() {
        Fact::Known(all) => all
            .iter()
            .find(|a| a.uid == uid)
            .map_or_else(|| uid.to_string(), |a| shown(&a.name)),
        Fact::Unknown(_) => uid.to_string(),
    }
}

fn body(world: &dyn World, change: &Change) -> Vec<String> {
    match &change.what {
        What::Acl { to: Some(acl) } => acl
            .entries
            .iter()
            .filter_map(|e| match e.tag {
                AclTag::User(uid) => Some((uid, e.perm)),
                _ => None,
            })
            .map(|(uid, perm)| {
                let bit = |mask: u8, c: char| if perm & mask != 0 { c } else { '-' };
                let bits: String = [bit(4, 'r'), bit(2, 'w'), bit(1, 'x')].iter().collect();
                format!("user:{}:{bits}", user(world, uid))
            })
            .collect(),
        _ => match change.bytes() {
            Some((before, after)) => diff(before, after)
                .into_iter()
                .map(|l| match l {
                    Line::Old(n, text) => format!("{RED}- {n:>4} {text}{END}"),
                    Line::New(n, text) => format!("{GREEN}+ {n:>4} {text}{END}"),
                    Line::Note(text) => text,
                })
                .collect(),
            None => Vec::new(),
        },
    }
}

/// A line of a diff, with its number in the old or new text.
pub(crate) enum Line {
    Old(usize, String),
    New(usize, String),
    Note(String),
}

/// The lines that differ, without what both texts share at their ends. Secrets are blotted out.
pub(crate) fn diff(before: &[u8], after: &[u8]) -> Vec<Line> {
    if before.contains(&0) {
        return vec![Line::Note("the whole file becomes UTF-8 text".to_owned())];
    }
    let split = |text: &'_ [u8]| -> Vec<Vec<u8>> {
        text.split_inclusive(|&b| b == b'\n')
            .map(|l| l.strip_suffix(b"\n").unwrap_or(l).to_vec())
            .collect()
    };
    let (old, new) = (split(before), split(after));
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - head;
    let tail = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take(most)
        .take_while(|(a, b)| a == b)
        .count();
    let mut out = Vec::new();
    let range = |all: &[Vec<u8>]| -> Vec<(usize, Vec<u8>)> {
        all.iter()
            .enumerate()
            .skip(head)
            .take(all.len() - tail - head)
            .map(|(i, l)| (i + 1, l.clone()))
            .collect()
    };
    for (n, line) in range(&old) {
        out.push(Line::Old(n, quoted(&line)));
    }
    for (n, line) in range(&new) {
        out.push(Line::New(n, quoted(&line)));
    }
    let hidden = out.len().saturating_sub(MOST);
    if hidden > 0 {
        out.truncate(MOST);
        out.push(Line::Note(format!("and {hidden} more lines")));
    }
    out
}

/// A line as it may be shown.
fn quoted(line: &[u8]) -> String {
    if line.windows(7).any(|w| w == b"PRIVATE") {
        return "(a private key is never shown)".to_owned();
    }
    let text = shown(&without_values(line));
    let mut chars = text.chars();
    let cut: String = chars.by_ref().take(COLUMNS).collect();
    if chars.next().is_some() {
        format!("{cut}…")
    } else {
        cut
    }
}

/// The line with the values of `environment=` blotted out.
fn without_values(line: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"environment=";
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(at) = rest
        .windows(NAME.len())
        .position(|w| w.eq_ignore_ascii_case(NAME))
    {
        let behind = at + NAME.len();
        out.extend_from_slice(rest.get(..behind).unwrap_or_default());
        rest = rest.get(behind..).unwrap_or_default();
        out.extend_from_slice(b"***");
        let mut quoted = false;
        let mut escaped = false;
        let end = rest.iter().position(|&b| {
            let ends = !quoted && matches!(b, b',' | b' ' | b'\t');
            if b == b'"' && !escaped {
                quoted = !quoted;
            }
            escaped = b == b'\\' && !escaped;
            ends
        });
        rest = rest.get(end.unwrap_or(rest.len())..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

pub(crate) fn touched(touch: &Touch) -> String {
    match touch {
        Touch::Loses { who, right } => format!("{} can no longer {right} there", shown(who)),
        Touch::Logins { users } => {
            let names: Vec<String> = users.iter().map(|u| shown(u)).collect();
            format!("the same file decides for {}", names.join(", "))
        }
        Touch::Names { count } => {
            format!("the file has {count} names; the others keep the old one")
        }
        Touch::Everyone => "the line counts for every login".to_owned(),
    }
}

/// What is left to people.
fn left(planned: &Planned, out: &mut dyn Write) -> io::Result<()> {
    for d in &planned.plan.ask {
        writeln!(
            out,
            "{YELLOW}somebody decided[{}]{END}: {BOLD}{}{END}",
            d.cause,
            shown(&d.what)
        )?;
        if let Some(origin) = &d.origin {
            writeln!(out, "  --> {}", shown(origin))?;
        }
        writeln!(out, "   = ask: {}", shown(&d.ask))?;
        for c in &d.commands {
            writeln!(out, "   = help: {}", shown(c))?;
        }
        writeln!(out, "   = more: sshwhy explain {}\n", d.cause)?;
    }
    for n in &planned.plan.not_done {
        writeln!(
            out,
            "{YELLOW}not done here[{}]{END}: {BOLD}{}{END}",
            n.cause,
            shown(&n.why)
        )?;
        if !n.instead.is_empty() {
            writeln!(out, "   = help: {}", shown(&n.instead))?;
        }
        for c in &n.commands {
            writeln!(out, "   = help: {}", shown(c))?;
        }
        writeln!(out, "   = more: sshwhy explain {}\n", n.cause)?;
    }
    for gap in &planned.plan.gaps {
        writeln!(
            out,
            "{YELLOW}undetermined{END}: {BOLD}{}{END}\n   = missing: {}",
            shown(gap.what.as_bytes()),
            shown(gap.why.as_bytes())
        )?;
        if !gap.get.is_empty() {
            writeln!(out, "   = get it: {}", shown(gap.get.as_bytes()))?;
        }
    }
    Ok(())
}

/// What the guard says.
fn guarded(planned: &Planned, out: &mut dyn Write) -> io::Result<()> {
    let answer = &planned.answer;
    if planned.plan.is_empty() {
        return Ok(());
    }
    for (word, list) in [("would lose", &answer.lost), ("would gain", &answer.gained)] {
        for d in list.iter().take(MOST) {
            writeln!(out, "{RED}{word}{END}: {BOLD}{}{END}", login(d))?;
            if let Some(place) = d.decided_by() {
                writeln!(out, "  --> {}", shown(&place))?;
            }
            if word == "would lose" {
                let other = if d.other_way {
                    "another way into this account stays open"
                } else {
                    "no other way into this account from there"
                };
                writeln!(out, "   = note: {other}")?;
            }
        }
        if list.len() > MOST {
            writeln!(out, "   and {} more", list.len() - MOST)?;
        }
    }
    if answer.own {
        writeln!(
            out,
            "   = note: the first of these is the login you work through now"
        )?;
    }
    if !answer.gained.is_empty() && !answer.allow_weakening && answer.lost.is_empty() {
        writeln!(
            out,
            "   = help: name these logins too, or let them in knowingly: --allow-weakening"
        )?;
    }
    if answer.lost.is_empty() && answer.gained.is_empty() {
        writeln!(
            out,
            "{GREEN}guard{END}: {} logins judged before and after; none is lost, and none gained \
             but the one asked for",
            planned.logins
        )?;
    }
    Ok(())
}

/// `bob with SHA256:… (/home/bob/.ssh/authorized_keys:1) from 203.0.113.1`
pub(crate) fn login(d: &Difference) -> String {
    let how = match &d.means {
        Means::Key { fingerprint, .. } => format!("{fingerprint} ({})", shown(&d.source)),
        Means::Certificate { ca } => format!("a certificate by {ca} ({})", shown(&d.source)),
        Means::Password => "a password".to_owned(),
    };
    format!("{} with {how} from {}", shown(&d.user), place(d))
}

pub(crate) fn place(d: &Difference) -> String {
    match &d.pattern {
        Some(pattern) if pattern.as_slice() != d.peer.addr.to_string().as_bytes() => {
            format!("{} ({})", d.peer.addr, shown(pattern))
        }
        Some(_) => d.peer.addr.to_string(),
        None => format!("any other address ({})", d.peer.addr),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_changes_and_no_secret() {
        let before = b"same\nenvironment=\"A=geheim b\",pty ssh-rsa X\nend\n";
        let after = b"same\nenvironment=\"A=geheim b\",pty ssh-rsa Y\nend\n";
        let lines = diff(before, after);
        assert_eq!(lines.len(), 2);
        for line in lines {
            let (Line::Old(n, text) | Line::New(n, text)) = line else {
                panic!("a note");
            };
            assert_eq!(n, 2);
            assert!(text.starts_with("environment=***,pty ssh-rsa "), "{text}");
        }
    }

    #[test]
    fn appending_shows_one_line() {
        let lines = diff(b"a\n", b"a\nb\n");
        assert!(matches!(lines.as_slice(), [Line::New(2, text)] if text == "b"));
    }
}
