//! `required-uv`

use crate::prelude::*;

/// The cause `required-uv`.
pub static CAUSE: Cause = Cause {
    id: "required-uv",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the security key did not verify its owner by PIN or finger, and the server asks for that",
    rule: "{keyword} ({origin}); the signature says that the owner was not verified",
    note: "the key itself is accepted",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a key that asks for its PIN, and have its public half listed",
            commands: &["ssh-keygen -t ed25519-sk -O verify-required"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take verify-required away at {origin}: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user verification requirement not met ",
        },
        LogLine {
            level: Level::Info,
            text: "public key {keytype} signature for {user} from {from} port {port} rejected: user verification requirement not met ",
        },
        LogLine {
            level: Level::Info,
            text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user verification requirement not met",
        },
    ],
    page: "",
};
