//! `shell-not-listed`

use crate::prelude::*;

/// The cause `shell-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-listed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {shell}, is not in /etc/shells, and Dropbear refuses such accounts",
    rule: "Dropbear asks getusershell(), that is /etc/shells",
    note: "OpenSSH does not read /etc/shells; the same account may log in there",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that is listed",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or list {shell} in /etc/shells: ask the administrator, other services take the list as the sign of a real login",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User '{user}' has invalid shell, rejected",
    }],
    page: "",
};
