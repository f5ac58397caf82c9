//! `key-option-bad-value`

use crate::prelude::*;

/// The cause `key-option-bad-value`.
pub static CAUSE: Cause = Cause {
    id: "key-option-bad-value",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: it cannot read the value of {option}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({reason})",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "on line {line} of {file}, write the value as sshd(8) wants it: expiry-time=\"YYYYMMDD[HHMM[SS]]\", environment=\"NAME=VALUE\", permitopen=\"HOST:PORT\", permitlisten=\"[HOST:]PORT\", tunnel=\"N\"",
        commands: &[],
        safety: Safety::Neutral,
    }],
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
