//! `keys-command-unsafe`

use crate::prelude::*;

/// The cause `keys-command-unsafe`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-unsafe",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not run AuthorizedKeysCommand {path_command}: {path} is not root's alone",
    rule: "the program and each directory above it must belong to root and be writable by nobody else",
    note: "found {mode}, owner {owner}, group {group}",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make root the owner, and take the write bit of others off",
        commands: &["chown -h -- root {path}", "chmod go-w -- {path}"],
        safety: Safety::Tightens,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Unsafe AuthorizedKeysCommand \"{path_command}\": bad ownership or modes for {what} {path}",
    }],
    page: "",
};
