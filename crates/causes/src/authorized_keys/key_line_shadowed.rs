//! `key-line-shadowed`

use crate::prelude::*;

/// The cause `key-line-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "key-line-shadowed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Nothing,
    title: "line {line} of {file} has no effect: the same key stands before it on line {other_line}, with options of its own",
    rule: "the first line that lets the key in wins, and its options apply",
    note: "the login works; it is what it may do afterwards that surprises",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {other_line} whether its options are meant; then keep one line for the key",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Verbose,
        text: "Accepted key {short_type} {fingerprint} found at {file}:{other_line}",
    }],
    page: "",
};
