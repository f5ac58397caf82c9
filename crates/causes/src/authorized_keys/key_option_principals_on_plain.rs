//! `key-option-principals-on-plain`

use crate::prelude::*;

/// The cause `key-option-principals-on-plain`.
pub static CAUSE: Cause = Cause {
    id: "key-option-principals-on-plain",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} lets no plain key in: it has principals= without cert-authority",
    rule: "principals= names those a certificate may stand for, so it needs a CA key on the line",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {line} of {file} what it is for: with a CA's key it needs cert-authority as well; with a plain key principals= has no meaning and can go, the other options stay",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: principals on non-CA key",
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
