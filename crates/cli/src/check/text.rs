//! A check for people: the verdict and its causes, then what the wire showed.

use super::{Outcome, advice};
use sshwhy_check::hosts::Standing;
use sshwhy_check::proven::is_in;
use sshwhy_rank::Place;
use sshwhy_report::{Document, safe::shown, text};
use std::io::{self, Write};

/// Longest line of the server's that is shown, in bytes.
const LONG: usize = 300;

pub(crate) fn render(
    outcome: &Outcome,
    document: &Document,
    verbose: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    text::render(document, text::Detail { verbose }, out)?;
    let report = &outcome.report;
    let place = report.place(outcome.subject);
    writeln!(out)?;
    if let Some(addr) = report.addr {
        writeln!(out, "   = server: {addr}{}", software(outcome))?;
    }
    if let Some(line) = host_key(outcome) {
        writeln!(out, "   = host key: {line}")?;
    }
    if let Some(methods) = &report.methods {
        let named = if methods.is_empty() {
            "none".into()
        } else {
            shown(cut(methods))
        };
        writeln!(out, "   = methods: {named}")?;
    }
    for tried in &report.tried {
        if let Some(identity) = outcome.offers.identities.get(tried.identity) {
            writeln!(
                out,
                "   = offered: {}: {}",
                super::plan::line(identity),
                match tried.place() {
                    Place::Accepted => "accepted",
                    other => other.words(),
                }
            )?;
        }
    }
    for (index, welcome) in &report.others {
        if let Some(other) = outcome.others.get(*index) {
            writeln!(
                out,
                "   = also asked about: {}: {}",
                super::plan::line(other),
                if *welcome {
                    "the server would take it"
                } else {
                    "refused"
                }
            )?;
        }
    }
    if let Some((name, welcome)) = &report.other_name {
        let said = if *welcome {
            "the server would take the key"
        } else {
            "refused"
        };
        let from = name.from.words();
        writeln!(
            out,
            "   = also asked for the name {} ({from}): {said}",
            shown(&name.user)
        )?;
    }
    for banner in report.wire.banners().take(3) {
        for line in banner
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .take(20)
        {
            writeln!(out, "   = banner: {}", shown(cut(line.trim_ascii_end())))?;
        }
    }
    for debug in report.wire.debug_messages().take(20) {
        writeln!(out, "   = sshd says: {}", shown(cut(&debug.text)))?;
    }
    if let Some(disconnect) = report.wire.disconnect() {
        writeln!(out, "   = disconnect: {}", shown(cut(&disconnect.text)))?;
    }
    if is_in(report) && report.session.is_none() {
        writeln!(
            out,
            "   = note: no session was opened; a forced command or a shell may still end it: --session tries it"
        )?;
    }
    if let Some(session) = &report.session {
        for line in [session.stdout.as_slice(), &session.stderr]
            .concat()
            .split(|b| *b == b'\n')
            .filter(|l| !l.is_empty())
            .take(20)
        {
            writeln!(out, "   = session: {}", shown(cut(line)))?;
        }
    }
    for line in advice::client(outcome, place) {
        writeln!(out, "   = client: {line}")?;
    }
    if let Some(letter) = advice::letter(outcome, place) {
        writeln!(out, "\nto send to the administrator:\n  {letter}")?;
    }
    Ok(())
}

fn cut(text: &[u8]) -> &[u8] {
    text.get(..LONG).unwrap_or(text)
}

fn software(outcome: &Outcome) -> String {
    match outcome.report.wire.identification() {
        Some(id) => format!(", {}", shown(cut(id))),
        None => String::new(),
    }
}

/// The host key and how it stands, in words.
pub(super) fn host_key(outcome: &Outcome) -> Option<String> {
    let key = outcome.report.wire.host_key()?;
    let place = |at: &(Vec<u8>, usize)| {
        if at.1 == 0 {
            shown(&at.0)
        } else {
            format!("{}:{}", shown(&at.0), at.1)
        }
    };
    let standing = match outcome.report.host_key.as_ref()? {
        Standing::Known { at } => format!("known ({})", place(at)),
        Standing::Unknown => "not known here; nothing was written".into(),
        Standing::OtherTypes { at } => {
            format!("of this host another type is known ({})", place(at))
        }
        Standing::Changed { at, .. } => format!("NOT the known one ({})", place(at)),
        Standing::Revoked { at } => format!("REVOKED ({})", place(at)),
    };
    Some(format!(
        "{} {}: {standing}",
        shown(&key.key_format),
        key.fingerprint()
    ))
}
