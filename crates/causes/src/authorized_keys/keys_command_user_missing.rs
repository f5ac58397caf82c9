//! `keys-command-user-missing`

use crate::prelude::*;

/// The cause `keys-command-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-user-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommandUser {other_user} is no account of this server, so sshd runs no AuthorizedKeysCommand",
    rule: "{keyword} {value} ({origin})",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the account, as one that can do nothing else",
            commands: &[
                "useradd --system --no-create-home --shell /usr/sbin/nologin -- {other_user}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or name an account that exists at {origin}, then check and reload",
            commands: &["sshd -t && systemctl reload ssh"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "AuthorizedKeysCommandUser \"{other_user}\" not found: {reason}",
    }],
    page: "",
};
