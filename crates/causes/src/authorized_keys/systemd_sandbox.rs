//! `systemd-sandbox`

use crate::prelude::*;

/// The cause `systemd-sandbox`.
pub static CAUSE: Cause = Cause {
    id: "systemd-sandbox",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "systemd hides {path} from sshd: {value} in {file}",
    rule: "{value} ({file}:{line})",
    note: "the path is there for everyone but sshd, which runs in its own view of the file system",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "keep the keys outside the hidden path, as in AuthorizedKeysFile /etc/ssh/authorized_keys/%u, then check and reload",
            commands: &["sshd -t && systemctl reload ssh"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether {value} may go for sshd's unit: its sessions run inside it too",
            commands: &[
                "systemctl edit ssh.service",
                "systemctl restart ssh.service",
            ],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
    ],
    page: "",
};
