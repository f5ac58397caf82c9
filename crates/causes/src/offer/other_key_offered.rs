//! `other-key-offered`

use crate::prelude::*;

/// The cause `other-key-offered`.
pub static CAUSE: Cause = Cause {
    id: "other-key-offered",
    stage: Stage::Offer,
    seen: Seen::QueryRefused,
    title: "the client offers {fingerprint}, and the keys listed for {user} are others",
    rule: "sshd compares whole keys; {file} lists {other_fingerprint} at line {line}",
    note: "a key of the same comment or file name is not the same key",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the key that is listed, {other_fingerprint}, and no other: ssh -o IdentitiesOnly=yes -i its private file",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or list the key that is offered, once its owner confirms the fingerprint {fingerprint}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Verbose,
        text: "Failed publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
    }],
    page: "",
};
