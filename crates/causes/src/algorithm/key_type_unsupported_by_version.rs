//! `key-type-unsupported-by-version`

use crate::prelude::*;

/// The cause `key-type-unsupported-by-version`.
pub static CAUSE: Cause = Cause {
    id: "key-type-unsupported-by-version",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "this sshd does not know keys of the type {algorithm}",
    rule: "{algorithm} is not built into {build}",
    note: "a line of that type in authorized_keys is read as no key at all",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key type that the server knows: Ed25519 since 6.5, ECDSA since 5.7, RSA of 3072 bits anywhere",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or update sshd to a release that knows {algorithm}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "unsupported public key algorithm: {algorithm}",
        },
        LogLine {
            level: Level::Info,
            text: "unsupported public key algorithm: {algorithm}",
        },
    ],
    page: "",
};
