//! `group-not-allowed`

use crate::prelude::*;

/// The cause `group-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "group-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in no group that AllowGroups lets in",
    rule: "AllowGroups {value} ({origin})",
    note: "the account's groups are: {found}; no key was compared",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may log in; if so, add the account to an allowed group",
            commands: &["usermod -aG {group} -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add a group that holds {user} alone to AllowGroups at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because none of user's groups are listed in AllowGroups",
    }],
    page: "",
};
