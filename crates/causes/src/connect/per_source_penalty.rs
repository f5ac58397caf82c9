//! `per-source-penalty`

use crate::prelude::*;

/// The cause `per-source-penalty`.
pub static CAUSE: Cause = Cause {
    id: "per-source-penalty",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd refuses connections from {from} for a while, as a penalty for earlier failures from there",
    rule: "PerSourcePenalties {value} ({origin})",
    note: "it clears by itself, after at most the max time (600 seconds by default); each further try makes it longer",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "wait without connecting until the penalty has run out, then connect once with the right user and key",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {from} to PerSourcePenaltyExemptList, then reload sshd: ask the administrator, an exempt address may guess without end",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} penalty: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "{family}: new {from} active penalty of {duration} seconds for penalty: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "{from}: activating {family} penalty of {duration} seconds for penalty: {reason}",
        },
        LogLine {
            level: Level::Verbose,
            text: "{family}: new {from} deferred penalty of {duration} seconds for penalty: {reason}",
        },
    ],
    page: "",
};
