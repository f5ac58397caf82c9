//! `key-option-duplicate`

use crate::prelude::*;

/// The cause `key-option-duplicate`.
pub static CAUSE: Cause = Cause {
    id: "key-option-duplicate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: the option {option} stands there twice",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({reason})",
    note: "command=, from= and principals= may stand on a line once",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {line} of {file} which of the two is meant, and keep that one; several patterns for from= go into one list, separated by commas",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: multiple \"{option}\" clauses",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: "",
};
