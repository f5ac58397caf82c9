//! `sshwhy agent list`

use super::args::List;
use super::found::{Found, Key, Standing, ask};
use super::{
    Named, absent, constrained, finding, locked, message, not_running, place, shows_nothing,
    unreachable,
};
use crate::args::Format;
use crate::failure::Failure;
use crate::output;
use sshwhy_agent::find::places;
use sshwhy_causes::{Certainty, Finding};
use sshwhy_report::safe::shown;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

pub(super) fn run(args: &List) -> Result<u8, Failure> {
    let first = place(&args.which);
    let mut all: Vec<Found> = first.iter().map(ask).collect();
    if args.which.socket.is_none() {
        for other in places(|name| std::env::var_os(name)) {
            if all.iter().all(|f| f.path != other.path) {
                let found = ask(&other);
                // Where nothing ever was there is nothing to say.
                if found.state != Standing::Absent {
                    all.push(found);
                }
            }
        }
    }
    let named: Vec<Named> = args.key.iter().map(|k| Named::read(k)).collect();
    let findings = judge(args, first.is_some(), &all, &named);
    let fine = findings.iter().all(|f| f.certainty == Certainty::Possible)
        && all.first().is_some_and(|f| !f.keys.is_empty());
    let code = u8::from(!fine);
    output::print(&args.common, code, |out| match args.common.format {
        Format::Json => {
            let report = super::json::Report::new("agent list", &all, &findings);
            sshwhy_report::json::write(&report, out)
        }
        Format::Text => {
            write_all(first.is_some(), &all, out)?;
            for (n, finding) in findings.iter().enumerate() {
                if n > 0 || !all.is_empty() {
                    writeln!(out)?;
                }
                message(finding).render(out)?;
            }
            Ok(())
        }
    })
}

fn judge(args: &List, has_first: bool, all: &[Found], named: &[Named]) -> Vec<Finding> {
    // Another agent that answers, for who looks in the wrong place.
    let others = || all.iter().skip(usize::from(has_first));
    let helped = |mut finding: Finding, other: Option<&Found>| {
        if let Some(other) = other {
            let path = other.path.as_os_str().as_bytes();
            finding.args.set("agent", other.origin.name());
            finding.args.set("other", path);
            if finding.cause.id == "agent-not-running" {
                finding.args.set("path", path);
            }
        }
        finding
    };
    let answering = || others().find(|f| f.state == Standing::Answers);
    let Some(first) = all.first().filter(|_| has_first) else {
        return vec![helped(not_running("SSH_AUTH_SOCK is not set"), answering())];
    };
    if first.state != Standing::Answers {
        return vec![helped(unreachable(first), answering())];
    }
    if first.locked == Some(true) {
        return vec![locked(first)];
    }
    let mut findings = Vec::new();
    for want in named {
        match first.keys.iter().position(|k| want.is(k)) {
            None => {
                let other = others().find(|f| f.keys.iter().any(|k| want.is(k)));
                findings.push(helped(absent(want, first), other));
            }
            Some(at) if at >= args.max_auth_tries => {
                findings.push(too_many(args, first, at, Certainty::Likely));
            }
            Some(at) => {
                let key = first.keys.get(at);
                let found = key.and_then(|key| constrained(first, key, Some(want)));
                // It is of use where it may go.
                findings.extend(found.map(|mut f| {
                    f.certainty = Certainty::Possible;
                    f
                }));
            }
        }
    }
    if named.is_empty() && first.keys.is_empty() {
        let other = others().find(|f| !f.keys.is_empty());
        let why = shows_nothing(first);
        findings.extend(why.into_iter().map(|f| helped(f, other)));
    }
    if named.is_empty() && first.keys.len() > args.max_auth_tries {
        findings.push(too_many(
            args,
            first,
            args.max_auth_tries,
            Certainty::Possible,
        ));
    }
    findings
}

fn too_many(args: &List, found: &Found, at: usize, certainty: Certainty) -> Finding {
    let key = found.keys.get(at).map(Key::fingerprint).unwrap_or_default();
    let mut finding = finding("client-too-many-keys")
        .arg("path", found.path.as_os_str().as_bytes())
        .arg("count", found.keys.len().to_string())
        .arg("limit", args.max_auth_tries.to_string())
        .arg("fingerprint", key)
        .arg("position", (at + 1).to_string());
    finding.certainty = certainty;
    finding
}

pub(super) fn write_all(has_first: bool, all: &[Found], out: &mut dyn Write) -> io::Result<()> {
    for (n, found) in all.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        write!(
            out,
            "{}: {}",
            found.origin.name(),
            shown(found.path.as_os_str().as_bytes())
        )?;
        match (&found.state, found.process.as_deref(), found.pid) {
            (Standing::Answers, Some(name), Some(pid)) => {
                write!(out, " ({}, process {pid})", shown(name))?;
            }
            (Standing::Answers, _, _) => {}
            (Standing::Silent(why), _, _) => write!(out, ": {}", shown(why.as_bytes()))?,
            (state, _, _) => write!(out, ": {}", state.word())?,
        }
        writeln!(out)?;
        if found.state == Standing::Answers {
            keys(found, out)?;
            if n == 0 && !has_first {
                writeln!(out, "  (no client uses it: SSH_AUTH_SOCK is not set)")?;
            }
        }
    }
    Ok(())
}

fn keys(found: &Found, out: &mut dyn Write) -> io::Result<()> {
    if found.keys.is_empty() {
        let why = match found.locked {
            Some(true) => "locked",
            Some(false) => "no keys",
            None => "no keys, or locked",
        };
        return writeln!(out, "  {why}");
    }
    for (n, key) in found.keys.iter().enumerate() {
        let bits = key.public.as_ref().map_or(0, |p| p.bits());
        writeln!(
            out,
            "  {}. {bits} {} {} ({}){}",
            n + 1,
            key.fingerprint(),
            shown(&key.comment),
            shown(key.type_name().as_bytes()),
            notes(key)
        )?;
        for trial in &key.trials {
            let detail = trial.outcome.detail();
            let detail = if detail.is_empty() {
                String::new()
            } else {
                format!(": {}", shown(detail.as_bytes()))
            };
            writeln!(
                out,
                "       {} {}{detail}",
                trial.algorithm,
                trial.outcome.word()
            )?;
        }
    }
    Ok(())
}

fn notes(key: &Key) -> String {
    let mut notes = Vec::new();
    if key.encrypted == Some(true) {
        notes.push("encrypted".to_owned());
    }
    if let Some(limits) = &key.limits {
        if limits.confirm {
            notes.push("asks before each use".into());
        }
        if let Some(seconds) = limits.lifetime {
            notes.push(format!("{seconds} s left"));
        }
        if !limits.destinations.is_empty() {
            let list: Vec<String> = limits.destinations.iter().map(|d| shown(d)).collect();
            notes.push(format!("only for {}", list.join(" ")));
        }
    }
    if key.public.as_ref().is_some_and(|p| p.key_type().is_sk()) {
        notes.push("needs its token".into());
    }
    if key.limits.is_none() && key.bound == Some(true) {
        notes.push("only for certain hosts".into());
    }
    if notes.is_empty() {
        String::new()
    } else {
        format!(" [{}]", notes.join(", "))
    }
}
