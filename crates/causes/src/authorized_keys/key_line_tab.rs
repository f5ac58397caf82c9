//! `key-line-tab`

use crate::prelude::*;

/// The cause `key-line-tab`.
pub static CAUSE: Cause = Cause {
    id: "key-line-tab",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a TAB separates keytype and key on line {line} of {file}: this server takes a blank alone",
    rule: "{build}: the separator is one blank; OpenSSH takes a TAB from 7.7 on, Dropbear does not",
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
            text: "on line {line} of {file}, put one blank in the place of the TAB",
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
