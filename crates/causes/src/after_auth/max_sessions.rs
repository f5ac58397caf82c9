//! `max-sessions`

use crate::prelude::*;

/// The cause `max-sessions`.
pub static CAUSE: Cause = Cause {
    id: "max-sessions",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd opens no further session on this connection: MaxSessions is {value}",
    rule: "MaxSessions {value} ({origin})",
    note: "the key is accepted; with 0 no shell is ever opened, with more it is the shared connection that is full",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "close sessions on the shared connection, or open a connection of its own",
            commands: &["ssh -S none -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise MaxSessions at {origin}, then reload sshd: ask the administrator, 0 is set to forbid shells",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "no more sessions",
    }],
    page: "",
};
