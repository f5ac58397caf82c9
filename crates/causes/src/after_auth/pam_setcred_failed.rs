//! `pam-setcred-failed`

use crate::prelude::*;

/// The cause `pam-setcred-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-setcred-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "PAM does not set the credentials of {user}, so sshd closes the connection after the login",
    rule: "UsePAM yes; pam_setcred of the service {service} failed: {reason}",
    note: "the key is accepted",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "read which module failed, and mend its cause: often Kerberos, AFS or pam_group",
        commands: &["journalctl -t sshd -t sshd-session --since -10min"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "PAM: pam_setcred(): {reason}",
    }],
    page: "",
};
