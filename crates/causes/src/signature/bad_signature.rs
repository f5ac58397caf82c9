//! `bad-signature`

use crate::prelude::*;

/// The cause `bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "bad-signature",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the key of {user} was accepted, and the signature made with it does not verify",
    rule: "the signature covers the session, the user name and the key; one of them differs between client and server",
    note: "the public key that is listed and the private key that signs are most likely not a pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "compare the public half that the private key yields with the one that is offered, and set the .pub file right",
            commands: &["ssh-keygen -y -f {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or take the agent out of the way and sign from the file: ssh -o IdentityAgent=none -o IdentitiesOnly=yes -i the private file",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug3,
            text: "publickey {keytype} signature using {algorithm} unverified: {reason}",
        },
        LogLine {
            level: Level::Debug3,
            text: "publickey {keytype} {found} signature using {algorithm} unverified: {reason}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Failed publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Other,
            text: "Pubkey auth bad signature for '{user}' with key {fingerprint} from {from}",
        },
    ],
    page: "",
};
