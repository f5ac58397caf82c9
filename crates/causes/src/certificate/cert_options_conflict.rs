//! `cert-options-conflict`

use crate::prelude::*;

/// The cause `cert-options-conflict`.
pub static CAUSE: Cause = Cause {
    id: "cert-options-conflict",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} and the line that trusts it force different commands",
    rule: "from OpenSSH 7.4 on, force-command in the certificate and command= in authorized_keys or the principals file must be the same",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator which command is meant, and write it in one place only, or the same in both",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Inconsistent authentication options: forced command options do not match",
        },
    ],
    page: "",
};
