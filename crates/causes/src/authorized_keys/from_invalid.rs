//! `from-invalid`

use crate::prelude::*;

/// The cause `from-invalid`.
pub static CAUSE: Cause = Cause {
    id: "from-invalid",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the from= list on line {line} of {file} cannot be read, so the key is refused from everywhere",
    rule: "from=\"{pattern}\": found an entry that is no address, network or pattern",
    note: "one bad entry spoils the whole list, those before it too",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "on line {line} of {file}, correct the entry: a network has no host bits (192.168.1.0/24, not 192.168.1.5/24), no entry is empty, and no comma ends the list",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: invalid from criteria",
        },
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
