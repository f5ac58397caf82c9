//! `key-line-bom`

use crate::prelude::*;

/// The cause `key-line-bom`.
pub static CAUSE: Cause = Cause {
    id: "key-line-bom",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a UTF-8 byte order mark stands before the first key of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "it is invisible in most editors; only line 1 is hit",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the three bytes (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "tail -c +4 -- {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
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
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
