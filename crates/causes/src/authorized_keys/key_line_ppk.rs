//! `key-line-ppk`

use crate::prelude::*;

/// The cause `key-line-ppk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ppk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a PuTTY key file (.ppk): sshd does not read that form, and it holds the private key",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "unless the file was encrypted, the key is no secret any more: make a new pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "in PuTTYgen, load the .ppk and copy the line from the box \"Public key for pasting into OpenSSH authorized_keys file\"; on Unix: puttygen prints it",
            commands: &["puttygen -L KEY.ppk"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the .ppk text from {file}, from PuTTY-User-Key-File to Private-MAC",
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
