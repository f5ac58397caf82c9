//! `cert-alg-not-accepted`

use crate::prelude::*;

/// The cause `cert-alg-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "cert-alg-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "sshd accepts the key type under the certificate, and not the certificate's own algorithm {algorithm}",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has no {algorithm}",
    note: "the certificate itself may be fine; it was not read any further",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the plain key too, if the server lists it",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedKeyTypes",
        },
    ],
    page: "",
};
