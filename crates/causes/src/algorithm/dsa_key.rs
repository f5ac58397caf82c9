//! `dsa-key`

use crate::prelude::*;

/// The cause `dsa-key`.
pub static CAUSE: Cause = Cause {
    id: "dsa-key",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the key is a DSA key (ssh-dss), which OpenSSH no longer accepts",
    rule: "ssh-dss is refused by default since OpenSSH 7.0 and not built in since 10.0; this is {build}",
    note: "no option of the client or of authorized_keys brings it back on a current server",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new key and have its public half listed for {user}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let DSA in again with PubkeyAcceptedAlgorithms +ssh-dss, on builds before 10.0 that have it: ask the administrator, DSA keys are too weak to rely on",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm ssh-dss not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-dss not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-dss not in PubkeyAcceptedKeyTypes",
        },
        LogLine {
            level: Level::Verbose,
            text: "unsupported public key algorithm: ssh-dss",
        },
    ],
    page: "",
};
