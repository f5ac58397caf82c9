//! `cert-ca-sigalg`

use crate::prelude::*;

/// The cause `cert-ca-sigalg`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-sigalg",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the CA signed the certificate with {algorithm}, which this server does not accept",
    rule: "CASignatureAlgorithms; ssh-rsa (SHA-1) is not in its default from OpenSSH 8.2 on",
    note: "the CA's RSA key itself is fine: the hash is what counts",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate again, with a SHA-2 signature",
            commands: &["ssh-keygen -t rsa-sha2-512 -s CA_KEY -I {key_id} -n {user} KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, for the time being, let the server accept it: CASignatureAlgorithms +{algorithm}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: certificate signature algorithm {algorithm}: signature algorithm not supported",
        },
        LogLine {
            level: Level::Info,
            text: "certificate signature algorithm {algorithm}: signature algorithm not supported",
        },
    ],
    page: "",
};
