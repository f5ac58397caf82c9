//! `tcp-wrappers-denied`

use crate::prelude::*;

/// The cause `tcp-wrappers-denied`.
pub static CAUSE: Cause = Cause {
    id: "tcp-wrappers-denied",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "TCP wrappers close connections from {from}: {file}, line {line}",
    rule: "this build asks libwrap: /etc/hosts.allow first, then /etc/hosts.deny; the first line that fits decides",
    note: "the connection is closed before the identification string; the key was not looked at",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "let the address {from} in with a line for sshd in /etc/hosts.allow (it is read first): ask the administrator whether the block is meant",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "refused connect from {host} ({from})",
        },
        LogLine {
            level: Level::Other,
            text: "refused connect from {from}",
        },
        LogLine {
            level: Level::Debug1,
            text: "Connection refused by tcp wrapper",
        },
    ],
    page: "",
};
