//! `key-line-blanks`

use crate::prelude::*;

/// The cause `key-line-blanks`.
pub static CAUSE: Cause = Cause {
    id: "key-line-blanks",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the blanks on line {line} of {file} are not as Dropbear wants them: none before the keytype, exactly one after it",
    rule: "{build}",
    note: "OpenSSH would take the line",
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
            text: "on line {line} of {file}, remove blanks before the keytype, and leave one between keytype and key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "",
};
