//! `key-line-certificate`

use crate::prelude::*;

/// The cause `key-line-certificate`.
pub static CAUSE: Cause = Cause {
    id: "key-line-certificate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds a certificate: sshd takes plain keys and CA keys there, no certificates",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "even the client that owns this very certificate is refused",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the plain public key, the one in the .pub file without -cert in its name",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator to trust the CA that signed it: TrustedUserCAKeys, or a line with cert-authority and the CA's own key",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
