//! `cert-no-principals`

use crate::prelude::*;

/// The cause `cert-no-principals`.
pub static CAUSE: Cause = Cause {
    id: "cert-no-principals",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} names no principal",
    rule: "TrustedUserCAKeys needs one; a cert-authority line needs one from OpenSSH 10.3 on",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign a certificate that names the account",
        commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate lacks principal list",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate lacks principal list",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate lacks principal list",
        },
    ],
    page: "",
};
