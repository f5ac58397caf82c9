//! `keys-file-not-regular`

use crate::prelude::*;

/// The cause `keys-file-not-regular`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-not-regular",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{path} is {found}, not a regular file",
    rule: "sshd reads keys from regular files alone",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "move it away and make a regular file in its place",
            commands: &["mv -- {path} {path}.old", "( umask 077 && : > {path} )"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "then add the key as one line",
            commands: &["printf '%s\\n' {line_to_add} >> {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "User '{user}' authorized keys '{file}' is not a regular file",
        },
        LogLine {
            level: Level::Info,
            text: "User {user} authorized keys {file} is not a regular file",
        },
    ],
    page: "",
};
