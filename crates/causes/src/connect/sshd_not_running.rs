//! `sshd-not-running`

use crate::prelude::*;

/// The cause `sshd-not-running`.
pub static CAUSE: Cause = Cause {
    id: "sshd-not-running",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "no sshd listens on {to}",
    rule: "a connection needs a listener; {to} has none",
    note: "no key was looked at; the client sees a refused or timed-out connection",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "check the configuration, then start sshd, and have it start with the machine",
            commands: &["/usr/sbin/sshd -t", "systemctl enable --now sshd"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect to the address and port that sshd listens on: {value}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Server listening on {address} port {port}.",
        },
        LogLine {
            level: Level::Info,
            text: "Received signal {found}; terminating.",
        },
        LogLine {
            level: Level::Info,
            text: "Bind to port {port} on {address} failed: {reason}.",
        },
        LogLine {
            level: Level::Info,
            text: "Cannot bind any address.",
        },
    ],
    page: "",
};
