//! `privsep-dir-missing`

use crate::prelude::*;

/// The cause `privsep-dir-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-dir-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd cannot serve: its empty directory {path} is missing or not safe",
    rule: "sshd locks its unprivileged part into {path}, which has to be root's own and not writable by others",
    note: "nobody can log in, whatever the key",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make the directory as sshd wants it: root's own, mode 0755",
        commands: &[
            "mkdir -p -- {path}",
            "chown root:root -- {path}",
            "chmod 755 -- {path}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Missing privilege separation directory: {path}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} must be owned by root and not group or world-writable.",
        },
    ],
    page: "",
};
