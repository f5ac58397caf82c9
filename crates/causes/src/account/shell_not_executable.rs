//! `shell-not-executable`

use crate::prelude::*;

/// The cause `shell-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-executable",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {path}, is not a program that may be run (mode {mode})",
    rule: "the shell has to be a regular file with an execute bit",
    note: "every key of {user} is refused at the query, as if the account were unknown",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that can be run",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or make the shell executable again, if the file is what it claims to be",
            commands: &["chmod a+x -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} not allowed because shell {path} is not executable",
    }],
    page: "",
};
