//! `login-grace-timeout`

use crate::prelude::*;

/// The cause `login-grace-timeout`.
pub static CAUSE: Cause = Cause {
    id: "login-grace-timeout",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "the login was not finished within LoginGraceTime ({value} seconds), so sshd closed the connection",
    rule: "LoginGraceTime {value} ({origin})",
    note: "the key may be fine; something took too long: a passphrase, a touch, a resolver, an AuthorizedKeysCommand",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "load the key into an agent first, so that no passphrase is asked for while the server waits",
            commands: &["ssh-add"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "find what is slow: a dead resolver with UseDNS yes, an AuthorizedKeysCommand, a PAM module, a home that mounts on demand",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give logins more time with LoginGraceTime in {origin}, then reload sshd: ask the administrator, each open login holds a MaxStartups place",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for connection from {from} to {to}, pid = {pid}",
        },
    ],
    page: "",
};
