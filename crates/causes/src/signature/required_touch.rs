//! `required-touch`

use crate::prelude::*;

/// The cause `required-touch`.
pub static CAUSE: Cause = Cause {
    id: "required-touch",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the security key was not touched for this signature, and the server asks for a touch",
    rule: "{keyword} ({origin}); the signature says that nobody touched the key",
    note: "the key itself is accepted",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "touch the key when it blinks; if it never asks, it was made with no-touch-required: make another",
            commands: &["ssh-keygen -t ed25519-sk"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "let this one key sign without a touch, with no-touch-required before it in {file}, line {line}: whoever reaches the plugged-in key can then use it",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met ",
        },
        LogLine {
            level: Level::Info,
            text: "public key {keytype} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met ",
        },
        LogLine {
            level: Level::Info,
            text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met",
        },
    ],
    page: "",
};
