//! `parent-writable`

use crate::prelude::*;

/// The cause `parent-writable`.
pub static CAUSE: Cause = Cause {
    id: "parent-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {who} can write to {path}, a directory above it outside the home",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "the file is reached outside the home directory, so each directory up to / counts; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the write bit of others off {path}; ask first who works in it",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or keep the key file in the home directory, as a file of its own and not as a link to a shared place",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication refused: bad ownership or modes for directory {path}",
    }],
    page: "",
};
