//! `internal-sftp-only`

use crate::prelude::*;

/// The cause `internal-sftp-only`.
pub static CAUSE: Cause = Cause {
    id: "internal-sftp-only",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "{user} may transfer files and nothing else: internal-sftp is forced",
    rule: "ForceCommand internal-sftp ({origin})",
    note: "the key is accepted; a shell, a command and the old scp protocol are turned away",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use an SFTP client: sftp, or scp of OpenSSH 9.0 and later",
            commands: &["sftp -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may have a shell; if so, take ForceCommand internal-sftp away for that account at {origin}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Connection from {from}: refusing non-sftp session",
        },
        LogLine {
            level: Level::Info,
            text: "Connection from {from} port {port}: refusing non-sftp session",
        },
    ],
    page: "",
};
