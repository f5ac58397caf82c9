//! `keys-file-writable`

use crate::prelude::*;

/// The cause `keys-file-writable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {path}: {who} can write to it",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take the write bit of others off the file",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "as root, where {owner} owns {path} and {user} cannot change its mode",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication refused: bad ownership or modes for file {path}",
    }],
    page: "",
};
