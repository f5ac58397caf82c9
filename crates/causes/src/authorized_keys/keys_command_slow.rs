//! `keys-command-slow`

use crate::prelude::*;

/// The cause `keys-command-slow`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-slow",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Disconnected,
    title: "AuthorizedKeysCommand {path} takes too long",
    rule: "LoginGraceTime runs on while sshd waits for it, and sshd runs it for the query and again for the signature",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "measure it, and bring the service back that it asks",
            commands: &["time su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give the program a time limit of its own and a cache, so that it answers within a second or two",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for connection from {from} to {to}, pid = {pid}",
        },
    ],
    page: "",
};
