//! `cert-ca-not-trusted`

use crate::prelude::*;

/// The cause `cert-ca-not-trusted`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-not-trusted",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "this server does not trust the CA {ca_fingerprint}, which signed the certificate",
    rule: "a CA counts if it stands in TrustedUserCAKeys, or with cert-authority in authorized_keys",
    note: "nothing at LogLevel INFO tells of this; the plain key of the pair may be accepted all the same",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask for a certificate signed by a CA that this server trusts",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether this CA is to be trusted: its public key, one line, goes into {file}",
            commands: &["ssh-keygen -l -f {file}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug2,
            text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
        },
        LogLine {
            level: Level::Debug2,
            text: "CA {ca_type} {ca_fingerprint} is not listed in {file}",
        },
    ],
    page: "",
};
