//! `pam-password-expired-inactive`

use crate::prelude::*;

/// The cause `pam-password-expired-inactive`.
pub static CAUSE: Cause = Cause {
    id: "pam-password-expired-inactive",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "the password of {user} ran out more than {value} days ago, and PAM no longer offers to change it",
    rule: "UsePAM yes; /etc/shadow: last change, maximum age and inactive days have passed",
    note: "the key and its signature were good; the age of a password that is not even used decides",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may still log in; if so, let the password not age",
            commands: &["chage -M -1 -I -1 -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or count the age from today on, once the password is changed",
            commands: &["passwd -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): account {user} has expired (failed to change password)",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
