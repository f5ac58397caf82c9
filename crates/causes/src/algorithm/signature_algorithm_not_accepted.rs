//! `signature-algorithm-not-accepted`

use crate::prelude::*;

/// The cause `signature-algorithm-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "signature-algorithm-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "this server does not accept signatures of the algorithm {algorithm}",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has no {algorithm}",
    note: "authorized_keys was not read for this key; the line there may be fine",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key of an accepted type: {expected}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedKeyTypes",
        },
    ],
    page: "",
};
