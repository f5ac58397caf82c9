//! `cert-is-host`

use crate::prelude::*;

/// The cause `cert-is-host`.
pub static CAUSE: Cause = Cause {
    id: "cert-is-host",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is a host certificate: it proves a server, not a user",
    rule: "its type field is host; a login needs a user certificate",
    note: "the OpenSSH client leaves such a certificate out by itself",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign a user certificate: without -h",
        commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: not a user certificate",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: not a user certificate",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: not a user certificate",
        },
    ],
    page: "",
};
