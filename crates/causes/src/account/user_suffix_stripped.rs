//! `user-suffix-stripped`

use crate::prelude::*;

/// The cause `user-suffix-stripped`.
pub static CAUSE: Cause = Cause {
    id: "user-suffix-stripped",
    stage: Stage::Account,
    seen: Seen::SignatureRefused,
    title: "sshd cuts the login name {found} at its {pattern}, so {value} is the account that it looks up",
    rule: "a colon ends the name in every OpenSSH; a slash does too in Debian's and Ubuntu's",
    note: "with a slash the key is accepted and the signature then fails, as the two ends sign different names",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with the account's own name, without anything after the colon or slash",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "rename an account whose name holds a colon or slash: sshd cannot reach it",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Invalid user {value} from {from} port {port}",
    }],
    page: "",
};
