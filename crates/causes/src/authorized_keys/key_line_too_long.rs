//! `key-line-too-long`

use crate::prelude::*;

/// The cause `key-line-too-long`.
pub static CAUSE: Cause = Cause {
    id: "key-line-too-long",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} is longer than this server reads",
    rule: "{build}: at most {expected} bytes for each line; found {found}",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "shorten the line: the comment, or options such as a long command= (put the command into a script of its own)",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug1,
        text: "{file} line {line} exceeds size limit",
    }],
    page: "",
};
