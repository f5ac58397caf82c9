//! `from-only-negated`

use crate::prelude::*;

/// The cause `from-only-negated`.
pub static CAUSE: Cause = Cause {
    id: "from-only-negated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the from= list on line {line} of {file} only says from where the key is refused, so it is refused from everywhere",
    rule: "from=\"{pattern}\": a list matches only if one of its entries without ! does",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "ask whoever wrote line {line} of {file} which addresses are meant, and add them to the list, as in from=\"{pattern},192.0.2.0/24\"",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or add ,* where every other address is meant: from=\"{pattern},*\"",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{file}:{line}: Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}, required={pattern}).",
        },
        LogLine {
            level: Level::Info,
            text: "Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}).",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options at {file}:{line}",
        },
    ],
    page: "",
};
