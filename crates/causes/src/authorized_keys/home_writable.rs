//! `home-writable`

use crate::prelude::*;

/// The cause `home-writable`.
pub static CAUSE: Cause = Cause {
    id: "home-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {who} can write to {path}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take the write bit of others off the home directory",
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
        text: "Authentication refused: bad ownership or modes for directory {path}",
    }],
    page: "",
};
