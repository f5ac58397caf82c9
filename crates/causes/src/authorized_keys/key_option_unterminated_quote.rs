//! `key-option-unterminated-quote`

use crate::prelude::*;

/// The cause `key-option-unterminated-quote`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unterminated-quote",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: a double quote in its options is not closed",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole",
    note: "sshd logs this for every key that is offered, whoever's it is",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} 'NR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, close the quote; a double quote inside a value is written \\\"",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "invalid key option string",
        },
        LogLine {
            level: Level::Info,
            text: "invalid key option string at {file}:{line}",
        },
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: missing end quote",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: "",
};
