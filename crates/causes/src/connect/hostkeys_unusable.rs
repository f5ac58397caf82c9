//! `hostkeys-unusable`

use crate::prelude::*;

/// The cause `hostkeys-unusable`.
pub static CAUSE: Cause = Cause {
    id: "hostkeys-unusable",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd has no host key that it can use, so it does not serve: {reason}",
    rule: "sshd needs one private host key that it can read and that only its owner can read",
    note: "no user's key is at fault; nobody can log in",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the rights of group and others from the host key",
            commands: &["chmod go-rwx -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the host keys that are missing (existing ones are left alone), check, and start sshd",
            commands: &[
                "ssh-keygen -A",
                "/usr/sbin/sshd -t",
                "systemctl restart sshd",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "sshd: no hostkeys available -- exiting.",
        },
        LogLine {
            level: Level::Info,
            text: "Unable to load host key: {path}",
        },
        LogLine {
            level: Level::Info,
            text: r#"Unable to load host key "{path}": {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: "Could not load host key: {path}",
        },
        LogLine {
            level: Level::Info,
            text: "Permissions {mode} for '{path}' are too open.",
        },
        LogLine {
            level: Level::Info,
            text: "no hostkeys",
        },
    ],
    page: "",
};
