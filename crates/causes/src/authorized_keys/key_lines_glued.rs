//! `key-lines-glued`

use crate::prelude::*;

/// The cause `key-lines-glued`.
pub static CAUSE: Cause = Cause {
    id: "key-lines-glued",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds two keys, one behind the other: the second counts as the first one's comment",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "a file whose last line has no line feed, and >> afterwards, make such a line",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put each key on a line of its own; {repaired} is the second one (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} 'NR == n {{ i = index($0, ENVIRON[\"NEW\"]); if (i > 1) {{ print substr($0, 1, i - 1); $0 = substr($0, i) }} }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, put a line break before the second keytype",
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
