//! `rsa-sha1-only-client`

use crate::prelude::*;

/// The cause `rsa-sha1-only-client`.
pub static CAUSE: Cause = Cause {
    id: "rsa-sha1-only-client",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the client signs with the RSA key only as ssh-rsa (SHA-1), which this server does not accept",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has rsa-sha2-256 and rsa-sha2-512 for RSA keys, and no ssh-rsa",
    note: "the RSA key is fine and can stay; the client is too old to sign with SHA-2",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the client: OpenSSH 7.2, PuTTY 0.75 and later sign with SHA-2",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use an Ed25519 key, where the client knows that type",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let SHA-1 in again for that account alone, Match User {user} and PubkeyAcceptedAlgorithms +ssh-rsa, until the client is updated: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-rsa not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-rsa not in PubkeyAcceptedKeyTypes",
        },
    ],
    page: "",
};
