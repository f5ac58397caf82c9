//! `cert-not-yet-valid`

use crate::prelude::*;

/// The cause `cert-not-yet-valid`.
pub static CAUSE: Cause = Cause {
    id: "cert-not-yet-valid",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is not valid before {date}",
    rule: "its valid-after field is still to come, by the server's clock",
    note: "a clock that is wrong on either machine does this to fresh certificates",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "compare the server's clock with the real time, and mend it where it is behind",
            commands: &["date -u", "timedatectl status"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign a certificate that starts a few minutes in the past",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V -5m:+52w KEY.pub"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: not yet valid",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: not yet valid",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: not yet valid",
        },
    ],
    page: "",
};
