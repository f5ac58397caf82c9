//! `key-marked-cert-authority`

use crate::prelude::*;

/// The cause `key-marked-cert-authority`.
pub static CAUSE: Cause = Cause {
    id: "key-marked-cert-authority",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} trusts the key as a CA, and so does not let the key itself in",
    rule: "a line with cert-authority counts for certificates that the key has signed, and for nothing else",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "for the key itself, add a line without cert-authority, with the other options of line {line}",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or log in with a certificate that this key has signed",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "where the key is nobody's CA, remove cert-authority from line {line}: its owner can sign certificates for this account",
            commands: &[],
            safety: Safety::Tightens,
        },
    ],
    log: &[],
    page: "",
};
