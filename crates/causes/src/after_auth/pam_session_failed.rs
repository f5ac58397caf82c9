//! `pam-session-failed`

use crate::prelude::*;

/// The cause `pam-session-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-session-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "PAM does not open a session for {user}, so each shell ends with status 254",
    rule: "UsePAM yes; a module of the session stack of {service} failed: {reason}",
    note: "the key is accepted",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "read which module failed, and mend its cause: limits, a missing home, a mount, the loginuid of a container",
        commands: &["journalctl -t sshd -t sshd-session --since -10min"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "PAM: pam_open_session(): {reason}",
        },
        LogLine {
            level: Level::Debug3,
            text: "PAM session not opened, exiting",
        },
        LogLine {
            level: Level::Other,
            text: "pam_limits(sshd:session): Too many logins (max {value}) for {user}",
        },
        LogLine {
            level: Level::Other,
            text: "pam_loginuid(sshd:session): set_loginuid failed",
        },
    ],
    page: "",
};
