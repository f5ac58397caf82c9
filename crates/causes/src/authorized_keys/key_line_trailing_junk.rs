//! `key-line-trailing-junk`

use crate::prelude::*;

/// The cause `key-line-trailing-junk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-trailing-junk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "there is something after the end of the key on line {line} of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; the decoded key must end where its fields end",
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
            text: "on line {line} of {file}, remove what stands between the key's last character and the comment",
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
