//! `cert-critical-option-unknown`

use crate::prelude::*;

/// The cause `cert-critical-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "cert-critical-option-unknown",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} has a critical option that this server does not know: {option}",
    rule: "sshd must refuse a certificate whose critical options it does not understand (PROTOCOL.certkeys)",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate without {option}, or put it as an extension where it may be ignored",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or update the server, where {option} came with a later OpenSSH (verify-required: 8.4)",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate critical option \"{option}\" is not supported",
        },
        LogLine {
            level: Level::Info,
            text: "Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Invalid certificate options",
        },
    ],
    page: "",
};
