//! `key-type-damaged`

use crate::prelude::*;

/// The cause `key-type-damaged`.
pub static CAUSE: Cause = Cause {
    id: "key-type-damaged",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the keytype on line {line} of {file} has lost letters: {found}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "pasting into vi before insert mode swallows the first letters, up to the first i, a or s that starts insert mode",
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
            text: "on line {line} of {file}, write {expected} in the place of {found}",
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
