//! `key-type-missing`

use crate::prelude::*;

/// The cause `key-type-missing`.
pub static CAUSE: Cause = Cause {
    id: "key-type-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts with the base64-encoded key: the keytype before it is missing",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
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
            text: "on line {line} of {file}, write {keytype} and a blank before the key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
