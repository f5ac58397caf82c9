//! `keys-command-missing`

use crate::prelude::*;

/// The cause `keys-command-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd cannot find AuthorizedKeysCommand {path}: {reason}",
    rule: "{keyword} {value} ({origin})",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "install the program, or correct its path at {origin}; then check and reload",
        commands: &["ls -ld -- {path}", "sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Could not stat AuthorizedKeysCommand \"{path}\": {reason}",
    }],
    page: "",
};
