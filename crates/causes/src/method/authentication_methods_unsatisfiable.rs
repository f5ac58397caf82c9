//! `authentication-methods-unsatisfiable`

use crate::prelude::*;

/// The cause `authentication-methods-unsatisfiable`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-unsatisfiable",
    stage: Stage::Method,
    seen: Seen::Disconnected,
    title: "no list of AuthenticationMethods for {user} can be met: each names a method that is switched off",
    rule: "AuthenticationMethods {value} ({origin}); not enabled: {found}",
    note: "sshd ends the connection at the first request; no key was looked at",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "name only enabled methods in AuthenticationMethods at {origin}, publickey among them, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or enable what the list asks for ({found}): ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "No AuthenticationMethods left after eliminating disabled methods",
        },
        LogLine {
            level: Level::Info,
            text: r#"Authentication methods list "{value}" contains disabled method, skipping"#,
        },
        LogLine {
            level: Level::Info,
            text: "AuthenticationMethods cannot be satisfied by enabled authentication methods",
        },
    ],
    page: "",
};
