//! `rsa-key-below-1024`

use crate::prelude::*;

/// The cause `rsa-key-below-1024`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-below-1024",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the RSA key has {bits} bits, and OpenSSH cannot use one below 1024",
    rule: "RSA keys under 1024 bits cannot be read since OpenSSH 7.6; no setting changes that",
    note: "such a key can be broken with little effort",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "make a new key, have its public half listed for {user}, and take the old one out everywhere",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Tightens,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "parse key: Invalid key length",
    }],
    page: "",
};
