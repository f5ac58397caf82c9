//! `key-expired`

use crate::prelude::*;

/// The cause `key-expired`.
pub static CAUSE: Cause = Cause {
    id: "key-expired",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key on line {line} of {file} expired on {date}",
    rule: "{value}",
    note: "without Z at its end the time is the server's local time; a date alone means 00:00 of that day",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "ask whoever set the expiry for a new entry; with a new key they add a new line and leave this one",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "where they agree that this key goes on, they write a later expiry-time on line {line} of {file}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: entry expired at {date}",
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
