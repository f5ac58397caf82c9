//! `key-option-unknown`

use crate::prelude::*;

/// The cause `key-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unknown",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: it does not know the option {option}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({build}: {reason})",
    note: "an option newer than the server counts as unknown too",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, correct the spelling of {option}, or ask whoever wrote the line what it is for",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, where {option} came with a later OpenSSH, update the server",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "taking {option} away lets the key do what the option forbids: ask first",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: "",
};
