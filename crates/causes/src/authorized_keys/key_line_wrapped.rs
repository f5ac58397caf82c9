//! `key-line-wrapped`

use crate::prelude::*;

/// The cause `key-line-wrapped`.
pub static CAUSE: Cause = Cause {
    id: "key-line-wrapped",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key that starts on line {line} of {file} is broken over several lines",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "copying from a window that wraps long lines puts line breaks into the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of lines {line} to {last_line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} -v m={last_line} 'NR == n {{ print ENVIRON[\"NEW\"] }} NR >= n && NR <= m {{ next }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "in {file}, join the pieces from line {line} on into one line, with no blank inside the base64 part",
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
