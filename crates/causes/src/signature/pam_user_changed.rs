//! `pam-user-changed`

use crate::prelude::*;

/// The cause `pam-user-changed`.
pub static CAUSE: Cause = Cause {
    id: "pam-user-changed",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "a PAM module turned {user} into another user, and sshd does not go along",
    rule: "since OpenSSH 10.1 the user that PAM names has to stay the one that the key was checked for",
    note: "the key and its signature were good for {user} alone",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the renaming module out of the PAM file of sshd, or let it keep the name; ask whoever set it up (a realm stripper, pam_localuser, a template user)",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or log in under the name that PAM arrives at",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"PAM user "{other_user}" does not match previous "{user}""#,
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
