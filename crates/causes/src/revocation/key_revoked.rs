//! `key-revoked`

use crate::prelude::*;

/// The cause `key-revoked`.
pub static CAUSE: Cause = Cause {
    id: "key-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "the key is revoked: {file} lists it",
    rule: "{keyword} {value} ({origin})",
    note: "somebody has taken the key out of use; it may be in wrong hands",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "ask the administrator why it was revoked; make a new pair and have its public half added",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Authentication key {short_type} {other_fingerprint} revoked by file {file}",
        },
        LogLine {
            level: Level::Info,
            text: "WARNING: revoked key for {user} attempted authentication",
        },
    ],
    page: "",
};
