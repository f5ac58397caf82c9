//! `account-locked`

use crate::prelude::*;

/// The cause `account-locked`.
pub static CAUSE: Cause = Cause {
    id: "account-locked",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the account {user} is locked: its password field starts with {found}",
    rule: "UsePAM no ({origin}); without PAM, sshd refuses an account whose password field starts with {found}",
    note: "an account without a password is not locked by that; the mark in the password field is what counts here",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} is locked on purpose; if not, put * there: no password fits it, and keys work",
            commands: &["usermod -p '*' -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "unlock the old password too, if it is to work again",
            commands: &["passwd -u -- {user}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "User {user} not allowed because account is locked",
        },
        LogLine {
            level: Level::Debug3,
            text: "password matches locked prefix '{found}'",
        },
        LogLine {
            level: Level::Debug3,
            text: "password matches locked string '{found}'",
        },
    ],
    page: "",
};
