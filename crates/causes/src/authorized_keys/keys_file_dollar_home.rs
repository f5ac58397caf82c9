//! `keys-file-dollar-home`

use crate::prelude::*;

/// The cause `keys-file-dollar-home`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dollar-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} holds $HOME as plain letters: sshd expands no variables there",
    rule: "{keyword} {value} ({origin}); sshd knows %h, %u, %U and %% there",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, write .ssh/authorized_keys or %h/.ssh/authorized_keys, then check and reload",
        commands: &["sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{path}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{path}': No such file or directory",
        },
    ],
    page: "",
};
