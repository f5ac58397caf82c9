//! `shell-missing`

use crate::prelude::*;

/// The cause `shell-missing`.
pub static CAUSE: Cause = Cause {
    id: "shell-missing",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {path}, does not exist",
    rule: "sshd refuses an account whose shell is not there, before it looks at a key",
    note: "every key of {user} is refused at the query, as if the account were unknown",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that exists",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or install the shell {path}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} not allowed because shell {path} does not exist",
    }],
    page: "",
};
