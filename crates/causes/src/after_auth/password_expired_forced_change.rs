//! `password-expired-forced-change`

use crate::prelude::*;

/// The cause `password-expired-forced-change`.
pub static CAUSE: Cause = Cause {
    id: "password-expired-forced-change",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the password of {user} has to be changed first, so the session runs passwd instead of the shell",
    rule: "UsePAM yes; /etc/shadow says that the password's age has passed, or was set to 0",
    note: "the key is accepted; forwarding is off, and without a terminal the session ends with status 1",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with a terminal and change the password",
            commands: &["ssh -t -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, for an account that logs in with keys alone: let its password not age (ask the administrator about the rule)",
            commands: &["chage -d -1 -M -1 -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): expired password for user {user} (root enforced)",
        },
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): expired password for user {user} (password aged)",
        },
    ],
    page: "",
};
