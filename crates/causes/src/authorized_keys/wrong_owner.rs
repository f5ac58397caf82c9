//! `wrong-owner`

use crate::prelude::*;

/// The cause `wrong-owner`.
pub static CAUSE: Cause = Cause {
    id: "wrong-owner",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {path} belongs to {owner}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin}); files and directories on the way must belong to root or to {user}",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make {user} the owner of {path}",
        commands: &["chown -h -- {user} {path}"],
        safety: Safety::Tightens,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication refused: bad ownership or modes for {what} {path}",
    }],
    page: "",
};
