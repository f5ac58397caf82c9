//! `group-denied`

use crate::prelude::*;

/// The cause `group-denied`.
pub static CAUSE: Cause = Cause {
    id: "group-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in the group {group}, which DenyGroups keeps out",
    rule: "DenyGroups {value} ({origin})",
    note: "DenyGroups is judged before AllowGroups, and one group that fits is enough; no key was compared",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} is meant to be kept out; if not, take the account out of the group",
            commands: &["gpasswd -d {user} {group}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "narrow DenyGroups at {origin} so that it no longer fits, then reload sshd: ask the administrator, it lets in all other members too",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because a group is listed in DenyGroups",
    }],
    page: "",
};
