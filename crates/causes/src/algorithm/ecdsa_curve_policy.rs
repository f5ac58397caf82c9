//! `ecdsa-curve-policy`

use crate::prelude::*;

/// The cause `ecdsa-curve-policy`.
pub static CAUSE: Cause = Cause {
    id: "ecdsa-curve-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the ECDSA key's curve is not in PubkeyAcceptedAlgorithms: sshd was offered {found} as {algorithm}",
    rule: "PubkeyAcceptedAlgorithms ({origin}); since OpenSSH 10.3, and where that was back-ported, the curve has to match too",
    note: "earlier servers let any ECDSA curve through once one was listed and the client named that one",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the key under its own name, with a client that names the curve right",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or make a key of an accepted type",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or add {found} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "key type mismatch for decoded key (received {found}, expected {algorithm})",
        },
        LogLine {
            level: Level::Info,
            text: "type mismatch for decoded key (received {found}, expected {algorithm})",
        },
        LogLine {
            level: Level::Info,
            text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms",
        },
    ],
    page: "",
};
