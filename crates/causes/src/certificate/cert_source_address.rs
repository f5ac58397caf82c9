//! `cert-source-address`

use crate::prelude::*;

/// The cause `cert-source-address`.
pub static CAUSE: Cause = Cause {
    id: "cert-source-address",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} lets its owner in from {pattern}, and this login comes from {found}",
    rule: "critical option source-address=\"{pattern}\"",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in from a permitted address, or by way of a machine that has one",
            commands: &["ssh -J JUMPHOST {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority whether {found} may be added",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{loc}: Authentication tried for {user} with valid certificate but not from a permitted source address ({from}).",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Refused by certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Refused by certificate options",
        },
    ],
    page: "",
};
