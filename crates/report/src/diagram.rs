//! The login as a short sequence diagram, with the step where it stopped.

use crate::document::Entry;
use crate::page::seen;
use crate::safe::shown;
use sshwhy_causes::{Certainty, Finding, Seen};
use sshwhy_verdict::{Outcome, Step, Verdict};

/// Columns between the two ends.
const WIDTH: usize = 46;

/// What one message of the client stands for: the gates sshd asks before it answers.
struct Phase {
    gates: &'static [&'static str],
    says: fn(&Entry) -> String,
}

fn connects(e: &Entry) -> String {
    match e.subject.shown_from() {
        Some(from) => format!("connect from {from}"),
        None => "connect".into(),
    }
}

fn names_user(e: &Entry) -> String {
    format!(
        "user {}",
        e.subject.user.as_deref().map_or_else(|| "?".into(), shown)
    )
}

fn asks(e: &Entry) -> String {
    match &e.subject.key {
        Some(key) => format!("may I use {}?", short(&key.fingerprint)),
        None => "may I use this key?".into(),
    }
}

fn signs(_: &Entry) -> String {
    "signature".into()
}

/// A fingerprint cut to what tells keys apart at a glance.
fn short(fingerprint: &str) -> String {
    let mut out: String = fingerprint.chars().take(15).collect();
    if out.len() < fingerprint.len() {
        out.push_str("...");
    }
    shown(out.as_bytes())
}

/// The gates of each phase, named for sshd's functions. A gate not named here belongs to the phase
/// of the one before it.
const PHASES: [Phase; 4] = [
    Phase {
        gates: &["server_start", "server_listen", "hosts_access"],
        says: connects,
    },
    Phase {
        gates: &[
            "getpwnam",
            "parse_server_match_config",
            "platform_locked_account",
            "login_shell",
            "allowed_user",
            "refuse_connection",
            "start_pam",
        ],
        says: names_user,
    },
    Phase {
        gates: &[
            "authmethod_lookup",
            "pubkey_algorithm",
            "key_from_blob",
            "ca_signature_algorithm",
            "required_rsa_size",
            "auth_key_is_revoked",
            "user_key_allowed",
        ],
        says: asks,
    },
    Phase {
        gates: &[
            "key_verify",
            "auth_root_allowed",
            "auth2_update_methods_lists",
            "do_pam_account",
        ],
        says: signs,
    },
];

/// The phase of every step.
fn phases_of(trace: &[Step]) -> Vec<usize> {
    let mut last = 0;
    trace
        .iter()
        .map(|step| {
            last = PHASES
                .iter()
                .position(|p| p.gates.contains(&step.gate))
                .unwrap_or(last);
            last
        })
        .collect()
}

fn arrow(text: &str, to_server: bool) -> String {
    let text: String = text.chars().take(WIDTH - 6).collect();
    let mut line = format!("{} {text} ", if to_server { "--" } else { "<-" });
    let used = line.chars().count();
    line.push_str(&"-".repeat(WIDTH.saturating_sub(used + 1)));
    line.push(if to_server { '>' } else { '-' });
    format!("  |{line}|")
}

/// The diagram: at most a dozen lines of ASCII, without colour.
pub(crate) fn lines(entry: &Entry) -> Vec<String> {
    let trace = &entry.judgement.trace;
    if trace.is_empty() {
        return Vec::new();
    }
    let mut out = vec![format!("  client{}sshd", " ".repeat(WIDTH - 8))];
    let first = entry.judgement.causes.first();
    let mut failed = None;
    let phases = phases_of(trace);
    for (n, phase) in PHASES.iter().enumerate() {
        let steps: Vec<&Step> = trace
            .iter()
            .zip(&phases)
            .filter(|(_, p)| **p == n)
            .map(|(s, _)| s)
            .collect();
        if steps.is_empty() {
            continue;
        }
        let mut line = arrow(&(phase.says)(entry), true);
        if let Some(step) = steps.iter().find(|s| s.outcome == Outcome::Fail) {
            line.push_str(&format!("  X {}", step.gate));
            match first {
                Some(f) if f.certainty == Certainty::Certain => {
                    line.push_str(&format!(": {}", f.cause.id));
                }
                _ => line.push_str(": it stopped here"),
            }
            failed = Some(n);
        } else if let Some(step) = steps.iter().find(|s| s.outcome == Outcome::Unknown) {
            line.push_str(&format!("  ? {}: not known", step.gate));
        } else if steps.iter().any(|s| s.outcome == Outcome::Pass) {
            line.push_str("  ok");
        }
        out.push(line);
        if failed.is_some() {
            break;
        }
        if n == 2 {
            let known = steps.iter().all(|s| s.outcome != Outcome::Unknown);
            let answer = if known {
                "PK_OK: this key may sign"
            } else {
                "PK_OK or FAILURE"
            };
            out.push(arrow(answer, false));
        }
    }
    match (failed, entry.judgement.verdict) {
        (Some(n), _) => {
            let what = first.map_or(Seen::QueryRefused, |f| f.cause.seen);
            // sshd hides a refused account behind refused keys.
            if n == 1 && what == Seen::QueryRefused {
                out.push(arrow(&asks(entry), true));
            }
            let answer = match what {
                Seen::NoConnection => "no connection",
                Seen::Disconnected | Seen::ClosedAfterSignature => "closed",
                Seen::PartialSuccess => "FAILURE, partial success",
                Seen::SessionEnds => "SUCCESS",
                _ => "FAILURE",
            };
            let words = if seen(what) == answer { "" } else { seen(what) };
            out.push(
                format!("{}  {words}", arrow(answer, false))
                    .trim_end()
                    .to_owned(),
            );
        }
        (None, Verdict::Accept) => {
            let mut line = arrow("SUCCESS", false);
            let known = |f: &&Finding| f.probability.is_none() || f.certainty == Certainty::Certain;
            if let Some(after) = entry.judgement.after_login.iter().find(known) {
                line.push_str(&format!("  then: {}", after.cause.id));
            }
            out.push(line);
        }
        (None, _) => {}
    }
    out
}
