//! `privsep-user-missing`

use crate::prelude::*;

/// The cause `privsep-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-user-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd cannot serve: the account {account} that its unprivileged part runs as does not exist",
    rule: "sshd drops its rights to the account {account} before it reads a byte from the client",
    note: "nobody can log in, whatever the key",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "bring the account back by reinstalling the package of sshd, or make a system account without a login",
        commands: &[
            "useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin -- {account}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Privilege separation user {account} does not exist",
    }],
    page: "",
};
