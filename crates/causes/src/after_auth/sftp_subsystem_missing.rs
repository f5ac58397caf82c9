//! `sftp-subsystem-missing`

use crate::prelude::*;

/// The cause `sftp-subsystem-missing`.
pub static CAUSE: Cause = Cause {
    id: "sftp-subsystem-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd has no sftp subsystem that works: {reason}",
    rule: "Subsystem sftp ({origin})",
    note: "the key is accepted; shells work, sftp and new scp do not",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "offer sftp with Subsystem sftp internal-sftp at {origin}, which needs no program on disk, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "copy with the old protocol meanwhile (OpenSSH client): scp -O",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "subsystem request for {found} by user {user} failed, subsystem not found",
        },
        LogLine {
            level: Level::Info,
            text: "subsystem: cannot stat {path}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "subsystem request for {found} by user {user}",
        },
    ],
    page: "",
};
