//! `user-denied`

use crate::prelude::*;

/// The cause `user-denied`.
pub static CAUSE: Cause = Cause {
    id: "user-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "DenyUsers keeps {user} out: it fits {pattern}",
    rule: "DenyUsers {value} ({origin})",
    note: "DenyUsers is judged before AllowUsers, and one pattern that fits is enough; no key was compared",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} is meant to be kept out; if not, take {pattern} out of DenyUsers at {origin}, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because listed in DenyUsers",
    }],
    page: "",
};
