//! `keys-command-trailing-comment`

use crate::prelude::*;

/// The cause `keys-command-trailing-comment`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-trailing-comment",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the comment behind AuthorizedKeysCommand is not a comment: sshd passes it to {path} as arguments",
    rule: "{keyword} {value} ({origin}); this keyword takes the rest of its line as it stands",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, move the comment to a line of its own, then check and reload",
        commands: &["sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "AuthorizedKeysCommand {command} failed, status {status}",
    }],
    page: "",
};
