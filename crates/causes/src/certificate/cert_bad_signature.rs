//! `cert-bad-signature`

use crate::prelude::*;

/// The cause `cert-bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "cert-bad-signature",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate cannot be read or its CA signature is wrong: {reason}",
    rule: "sshd checks the CA's signature before it looks at anything else in the certificate",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "look at the file; it was changed or cut on its way",
            commands: &["ssh-keygen -L -f KEY-cert.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate again",
            commands: &["ssh-keygen -s CA_KEY -I ID -n {user} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: parse key: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "parse key: {reason}",
        },
    ],
    page: "",
};
