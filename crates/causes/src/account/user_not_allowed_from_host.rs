//! `user-not-allowed-from-host`

use crate::prelude::*;

/// The cause `user-not-allowed-from-host`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed-from-host",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "AllowUsers lets {user} in from other addresses, not from {from}",
    rule: "AllowUsers {value} ({origin}); {pattern} does not fit {from}",
    note: "the user part fits and the part after @ does not; no key was compared",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect from an address that {pattern} fits, through the VPN or the jump host that it stands for",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {from} may be added; if so, add {user}@{from} to AllowUsers at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because not listed in AllowUsers",
    }],
    page: "",
};
