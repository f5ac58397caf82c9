//! `key-line-rfc4716`

use crate::prelude::*;

/// The cause `key-line-rfc4716`.
pub static CAUSE: Cause = Cause {
    id: "key-line-rfc4716",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a key in RFC 4716 form (BEGIN SSH2 PUBLIC KEY): sshd does not read that form here",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "PuTTYgen's button \"Save public key\" writes this form",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "convert it to one line, and put that line in place of the block: ssh-keygen prints it",
            commands: &["ssh-keygen -i -f {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or add the key as one line; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or copy the line from PuTTYgen's box \"Public key for pasting into OpenSSH authorized_keys file\"",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
