//! `rsa-key-too-short`

use crate::prelude::*;

/// The cause `rsa-key-too-short`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-too-short",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the RSA key has {bits} bits, and this server wants at least {minimum}",
    rule: "RequiredRSASize {minimum} ({origin})",
    note: "the line in authorized_keys may be fine; the key's length alone decides",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new key and have its public half listed for {user}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "lower RequiredRSASize at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "refusing RSA key: Invalid key length",
    }],
    page: "",
};
