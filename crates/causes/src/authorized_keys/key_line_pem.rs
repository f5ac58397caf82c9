//! `key-line-pem`

use crate::prelude::*;

/// The cause `key-line-pem`.
pub static CAUSE: Cause = Cause {
    id: "key-line-pem",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a PEM block: sshd does not read that form here",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key as one line; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or convert a public key in PEM form (a file with that block alone) to one line: -m PKCS8 for BEGIN PUBLIC KEY, -m PEM for BEGIN RSA PUBLIC KEY",
            commands: &["ssh-keygen -i -m PKCS8 -f PEMFILE"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
