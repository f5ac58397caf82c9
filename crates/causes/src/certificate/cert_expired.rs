//! `cert-expired`

use crate::prelude::*;

/// The cause `cert-expired`.
pub static CAUSE: Cause = Cause {
    id: "cert-expired",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} expired on {date}",
    rule: "its valid-before field is past, by the server's clock",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign a new certificate for the same key",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where {date} is still to come, set the server's clock",
            commands: &["date -u", "timedatectl status"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: expired",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: expired",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: expired",
        },
    ],
    page: "",
};
