//! `root-login-off`

use crate::prelude::*;

/// The cause `root-login-off`.
pub static CAUSE: Cause = Cause {
    id: "root-login-off",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "PermitRootLogin is off, so {user} (uid 0) is refused although the key is accepted",
    rule: "PermitRootLogin no ({origin})",
    note: "sshd still answers the key's query with yes and refuses only the signature",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as an ordinary account and become root there with su or sudo",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let root in with keys alone, PermitRootLogin prohibit-password at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "ROOT LOGIN REFUSED FROM {from} port {port}",
        },
        LogLine {
            level: Level::Other,
            text: "root login rejected",
        },
    ],
    page: "",
};
