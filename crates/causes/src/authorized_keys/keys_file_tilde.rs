//! `keys-file-tilde`

use crate::prelude::*;

/// The cause `keys-file-tilde`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-tilde",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} sends every account to root's key file",
    rule: "{keyword} {value} ({origin}); sshd expands ~ for itself, and it runs as root",
    note: "sshd then opens that file with {user}'s rights, which root's home does not grant",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, write .ssh/authorized_keys or %h/.ssh/authorized_keys instead of the path with ~, then check and reload",
        commands: &["sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{path}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{path}': Permission denied",
        },
    ],
    page: "",
};
