//! `key-line-private-key`

use crate::prelude::*;

/// The cause `key-line-private-key`.
pub static CAUSE: Cause = Cause {
    id: "key-line-private-key",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a private key: the server needs the public key alone",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "a private key that lay on a server is no secret any more: make a new pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new pair, and put its public half, one line, into {file}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the private key from {file}, from BEGIN to END, and from every copy of the file",
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the public key as one line",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
