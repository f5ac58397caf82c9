//! `account-expired`

use crate::prelude::*;

/// The cause `account-expired`.
pub static CAUSE: Cause = Cause {
    id: "account-expired",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the account {user} expired on {date}, and sshd without PAM treats it as locked",
    rule: "UsePAM no ({origin}); the expiry date of /etc/shadow has passed",
    note: "every key of {user} is refused at the query, without a word to the client",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may still log in; if so, set a new last day, or none with -1",
        commands: &["chage -E -1 -- {user}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Account {user} has expired",
        },
        LogLine {
            level: Level::Info,
            text: "User {user} not allowed because account is locked",
        },
    ],
    page: "",
};
