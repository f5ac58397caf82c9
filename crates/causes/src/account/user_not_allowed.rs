//! `user-not-allowed`

use crate::prelude::*;

/// The cause `user-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "AllowUsers lets in others, not {user}",
    rule: "AllowUsers {value} ({origin})",
    note: "once AllowUsers is set, whoever it does not name is kept out; no key was compared",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in; if so, add {user} to AllowUsers at {origin}, blanks between names and no commas, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because not listed in AllowUsers",
    }],
    page: "",
};
