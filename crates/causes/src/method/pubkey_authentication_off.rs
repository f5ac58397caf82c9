//! `pubkey-authentication-off`

use crate::prelude::*;

/// The cause `pubkey-authentication-off`.
pub static CAUSE: Cause = Cause {
    id: "pubkey-authentication-off",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "PubkeyAuthentication is off for {user}, so no key can be used",
    rule: "PubkeyAuthentication no ({origin})",
    note: "the server does not offer publickey, so the client never sends the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may use a key; if so, switch it on for that account alone in a Match block: Match User {user}, then PubkeyAuthentication yes, and reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or switch it on for everyone: PubkeyAuthentication yes at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Debug3,
        text: "method publickey not enabled",
    }],
    page: "",
};
