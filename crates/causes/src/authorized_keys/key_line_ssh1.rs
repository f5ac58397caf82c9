//! `key-line-ssh1`

use crate::prelude::*;

/// The cause `key-line-ssh1`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ssh1",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds an SSH-1 key: no sshd since OpenSSH 7.4 reads those",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "make a new pair, and put its public half, one line, into {file}",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
