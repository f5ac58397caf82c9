//! `sshd-upgraded-not-restarted`

use crate::prelude::*;

/// The cause `sshd-upgraded-not-restarted`.
pub static CAUSE: Cause = Cause {
    id: "sshd-upgraded-not-restarted",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd was replaced on disk after the running daemon started, and the two do not fit together",
    rule: "the listener runs the sshd program on disk anew for each connection",
    note: "nobody can log in until sshd is restarted; sessions that are open stay open",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "restart sshd; sessions that are open are kept",
        commands: &["/usr/sbin/sshd -t", "systemctl restart sshd"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "sshd-session should not be executed directly",
        },
        LogLine {
            level: Level::Info,
            text: "sshd-auth should not be executed directly",
        },
        LogLine {
            level: Level::Info,
            text: "recv_rexec_state: parse config: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} does not exist or is not executable",
        },
    ],
    page: "",
};
