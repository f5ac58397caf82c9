//! `fips-or-crypto-policy`

use crate::prelude::*;

/// The cause `fips-or-crypto-policy`.
pub static CAUSE: Cause = Cause {
    id: "fips-or-crypto-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the system's crypto policy ({file}) leaves {algorithm} out of what sshd accepts",
    rule: "PubkeyAcceptedAlgorithms comes from {origin}, which the policy writes",
    note: "the sshd_config that people edit does not name the list; the policy of the whole system does",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key that the policy accepts: ECDSA on P-256, or RSA of 3072 bits and more, where FIPS mode rules out Ed25519",
            commands: &["ssh-keygen -t ecdsa -b 256"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} in a drop-in of sshd_config.d that is read before the policy's own, then reload sshd: ask the administrator, the policy is a decision for the whole machine",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "refusing RSA key: Invalid key length",
        },
    ],
    page: "",
};
