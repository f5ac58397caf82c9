//! `keys-file-unreadable`

use crate::prelude::*;

/// The cause `keys-file-unreadable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-unreadable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd cannot read {user}'s authorized_keys with {user}'s rights: {reason} at {path}",
    rule: "sshd opens the file as the user (euid, egid and groups of {user}), not as root",
    note: "the modes of the file itself may be right where a directory above it is closed",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "give the owner the right that is missing",
            commands: &["chmod u+rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "as root, where {path} is meant to be {user}'s and belongs to {owner}",
            commands: &["chown -h -- {user} {path}", "chmod u+rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or let {user} alone read {path}, where its owner is to stay",
            commands: &["setfacl -m u:{user}:rX -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
    ],
    page: "",
};
