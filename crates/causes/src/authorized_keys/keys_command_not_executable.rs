//! `keys-command-not-executable`

use crate::prelude::*;

/// The cause `keys-command-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-not-executable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{other_user} cannot run AuthorizedKeysCommand {path}",
    rule: "{keyword} {value} ({origin})",
    note: "the execute bit, a #! line, its interpreter, the right to pass every directory above it: each may be missing",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let everyone run it; it must stay root's and writable by root alone",
            commands: &["chmod a+rx -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see what running it says",
            commands: &["su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "AuthorizedKeysCommand {command} failed, status 127",
    }],
    page: "",
};
