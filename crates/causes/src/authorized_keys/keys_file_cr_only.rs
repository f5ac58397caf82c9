//! `keys-file-cr-only`

use crate::prelude::*;

/// The cause `keys-file-cr-only`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-cr-only",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the lines of {file} end in CR alone: sshd sees one long line, and only its first key",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; a line ends with a line feed",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "turn each CR into a line feed (the old file stays as {file}.before)",
        commands: &[
            "cp -p -- {file} {file}.before",
            "tr '\\r' '\\n' < {file}.before > {file}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
