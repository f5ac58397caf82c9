//! `ca-revoked`

use crate::prelude::*;

/// The cause `ca-revoked`.
pub static CAUSE: Cause = Cause {
    id: "ca-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "the CA that signed the certificate is revoked: {file} lists it",
    rule: "{keyword} {value} ({origin})",
    note: "each certificate of that CA is refused",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "ask the administrator which CA is in use now, and have the key signed by that one",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication key {short_type} {other_fingerprint} revoked by file {file}",
    }],
    page: "",
};
