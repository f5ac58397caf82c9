//! Whether the engine and a real server agree about a world: verdict, cause and the memory's
//! answer against the disk's.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sshwhy_causes::{Level, Seen, all, by_id, logline};

use crate::compare::{against_truth, memory_and_disk};
use crate::outcome::{Outcome, Step, Truth};
use crate::predict::Prediction;

/// One way to differ. A world is made smaller as long as it differs in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The verdicts differ.
    Verdict(String),
    /// Memory and disk differ.
    Disk(String),
    /// The server's log names another cause.
    Cause(String),
    /// The cause is one that would show elsewhere on the wire.
    Place(String),
}

impl Difference {
    /// Whether both are of one kind.
    #[must_use]
    pub fn same_kind(&self, other: &Difference) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What differs, in words.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Difference::Verdict(t)
            | Difference::Disk(t)
            | Difference::Cause(t)
            | Difference::Place(t) => t,
        }
    }
}

/// All differences; the gravest first.
#[must_use]
pub fn differences(prediction: &Prediction, outcome: &Outcome) -> Vec<Difference> {
    let disk = memory_and_disk(prediction);
    let verdict = against_truth(prediction, outcome);
    let verdict = verdict.into_iter().filter(|t| Some(t) != disk.as_ref());
    let mut out: Vec<Difference> = verdict.map(Difference::Verdict).collect();
    out.extend(disk.map(Difference::Disk));
    if out.is_empty()
        && let (Truth::Refused(step), Some(first)) = (&outcome.truth, prediction.memory.first())
    {
        match cause(first, outcome) {
            // The log has said it in so many words.
            Ok(true) => {}
            Ok(false) => out.extend(place(first, *step, outcome).map(Difference::Place)),
            Err(text) => out.push(Difference::Cause(text)),
        }
    }
    out
}

/// Lines after which sshd refuses whatever else there is; each names its causes.
const FINAL: [&str; 15] = [
    " has expired",
    "Invalid user ",
    "Bad configuration option",
    " not allowed because ",
    "method publickey not ",
    "No AuthenticationMethods left",
    "Partial publickey for ",
    "refusing RSA key",
    "certificate signature algorithm ",
    " revoked by file ",
    "Error checking authentication key",
    "ROOT LOGIN REFUSED",
    "Access denied for user ",
    " requirement not met",
    " unverified: ",
];

/// Lines that are logged in accepted worlds as well, each with the reason: alone they convict nobody.
/// (Where they name the engine's cause, they speak for it.)
const WEAK: [(&str, &str); 13] = [
    (
        "Refused by certificate principals options",
        "says where; the engine says which option, and that has a line of its own",
    ),
    (
        "contains disabled method",
        "one list of several; another may be satisfied",
    ),
    (
        "invalid key option string",
        "options are read before keys are compared: any line of the file logs it",
    ),
    (
        " is not listed in ",
        "one CA file or KRL; another source may have the key",
    ),
    (
        "Unsafe AuthorizedKeysCommand",
        "one source of several; a file may have the key, and something the matter with its line",
    ),
    (
        "type mismatch for decoded key",
        "any line of the file, read until the key is found",
    ),
    (
        "key type mismatch",
        "any line of the file, read until the key is found",
    ),
    (
        "No such file or directory",
        "authorized_keys2 and others that need not be there",
    ),
    (
        "maximum authentication attempts exceeded",
        "comes after the last refusal, whatever that was",
    ),
    (
        "Too many authentication failures",
        "the same end, in the words of the disconnection",
    ),
    (
        ": advance: ",
        "any line in which the key does not come first, of any file or command",
    ),
    ("trying public key file", "said of every file"),
    (": processed ", "said of every file"),
];

/// Causes that say more than sshd does: the log names the wider one.
const NARROWER: [(&str, &str); 1] = [
    // sshd logs the name that is left when it has cut the one it was given.
    ("user-suffix-stripped", "user-unknown"),
];

fn weak(text: &str) -> bool {
    WEAK.iter().any(|(w, _)| text.contains(w))
}

/// Whether the log names the engine's cause in a line that leaves no other way; or what it names
/// instead.
fn cause(first: &'static str, outcome: &Outcome) -> Result<bool, String> {
    let mut named: BTreeSet<&'static str> = BTreeSet::new();
    let mut strong: BTreeSet<&'static str> = BTreeSet::new();
    for line in &outcome.log {
        let text = strip_level(line);
        let mut ids = causes_of(text);
        // What ends sshd has not ended it where it answered a request after it.
        if outcome.wire.none.is_some() || !outcome.wire.query.is_empty() {
            ids.retain(|id| by_id(id).is_some_and(|c| c.seen != Seen::NoConnection));
        }
        let wider = |(narrow, wide): &(&str, &str)| *narrow == first && ids.contains(wide);
        if NARROWER.iter().any(wider) {
            ids.insert(first);
        }
        if ids.is_empty() {
            continue;
        }
        if FINAL.iter().any(|f| text.contains(f)) {
            if ids.contains(first) {
                return Ok(true);
            }
            return Err(format!(
                "the engine says {first}, the log: {text} ({ids:?})"
            ));
        }
        if !weak(text) {
            strong.extend(&ids);
        }
        named.extend(&ids);
    }
    // What was logged on the way to PK_OK did not stop it.
    if outcome.wire.sign.is_some() {
        return Ok(false);
    }
    // Hints: they must tell of the cause, if it has lines at all or if they tell of one alone.
    let own = by_id(first).is_some_and(|c| {
        let tells = |l: &sshwhy_causes::LogLine| l.level != Level::Other && !weak(l.text);
        c.log.iter().any(tells)
    });
    if (strong.len() == 1 || (own && !strong.is_empty())) && !named.contains(first) {
        return Err(format!("the engine says {first}, the log: {strong:?}"));
    }
    Ok(false)
}

/// A template of a cause's log, with the words that it begins with.
struct Template {
    id: &'static str,
    text: &'static str,
    head: &'static str,
}

fn templates() -> &'static [Template] {
    static ALL: OnceLock<Vec<Template>> = OnceLock::new();
    ALL.get_or_init(|| {
        let logged = all().flat_map(|c| {
            let own = c.log.iter().filter(|l| l.level != Level::Other);
            own.map(|l| (c.id, l.text))
        });
        let template = |(id, text): (&'static str, &'static str)| Template {
            id,
            text,
            head: text.split('{').next().unwrap_or_default(),
        };
        logged.map(template).collect()
    })
}

/// The causes whose log lines fit. Most templates begin with words of their own, and most lines
/// with others: that is looked at before anything is taken apart.
fn causes_of(text: &str) -> BTreeSet<&'static str> {
    let inner = text.split_once(": ").map_or("", |(_, rest)| rest);
    let fits = |t: &&Template| {
        (text.starts_with(t.head) || inner.starts_with(t.head))
            && logline::matches(t.text, text.as_bytes()).is_some()
    };
    templates().iter().filter(fits).map(|t| t.id).collect()
}

fn strip_level(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    ["debug1: ", "debug2: ", "debug3: ", "error: ", "fatal: "]
        .iter()
        .find_map(|level| line.strip_prefix(level))
        .unwrap_or(line)
}

/// Why a refusal at this point of the wire is not the cause's.
fn place(first: &str, step: Step, outcome: &Outcome) -> Option<String> {
    let seen = by_id(first)?.seen;
    // A stack that cannot be read at all stops PAM before anything is asked.
    // A Match block is read when the user is known, and what is wrong in it ends sshd then.
    let later = matches!(step, Step::Transport | Step::Method);
    if first == "pam-service-missing" || (first == "sshd-config-invalid" && later) {
        return None;
    }
    let offered = outcome.wire.query.iter().any(|_| true);
    let fits = match seen {
        Seen::NoConnection => step == Step::Connect,
        Seen::Disconnected => step != Step::Signature,
        Seen::MethodMissing => step == Step::Method,
        Seen::QueryRefused => step == Step::Query || !offered,
        Seen::SignatureRefused | Seen::ClosedAfterSignature | Seen::PartialSuccess => {
            step == Step::Signature
        }
        // root, forced commands only: the child says yes, the monitor no.
        Seen::SessionEnds => step == Step::Signature,
        Seen::NotOnTheWire | Seen::Nothing => true,
    };
    (!fits).then(|| format!("the engine says {first} ({seen:?}), it was refused at {step:?}"))
}
