//! `user-not-in-any-group`

use crate::prelude::*;

/// The cause `user-not-in-any-group`.
pub static CAUSE: Cause = Cause {
    id: "user-not-in-any-group",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in no group that has a name, and AllowGroups or DenyGroups is set",
    rule: "{keyword} {value} ({origin})",
    note: "group numbers without an entry in the group database are dropped; nothing was left to compare",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make a group with the account's primary group number, so that it has a name",
            commands: &["groupadd -g {gid} -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "bring the group database back (LDAP, SSSD), if the groups come from there",
            commands: &["getent group"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because not in any group",
    }],
    page: "",
};
