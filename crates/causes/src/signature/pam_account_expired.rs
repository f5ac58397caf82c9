//! `pam-account-expired`

use crate::prelude::*;

/// The cause `pam-account-expired`.
pub static CAUSE: Cause = Cause {
    id: "pam-account-expired",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "the account {user} expired on {date}, and PAM refuses it after the key was accepted",
    rule: "UsePAM yes; the expiry date of /etc/shadow has passed, and pam_unix asks it",
    note: "the key and its signature were good",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may still log in; if so, set a new last day, or none with -1",
        commands: &["chage -E -1 -- {user}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): account {user} has expired (account expired)",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
