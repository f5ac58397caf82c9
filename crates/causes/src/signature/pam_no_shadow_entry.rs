//! `pam-no-shadow-entry`

use crate::prelude::*;

/// The cause `pam-no-shadow-entry`.
pub static CAUSE: Cause = Cause {
    id: "pam-no-shadow-entry",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "{user} has no entry in /etc/shadow, and PAM refuses the account after the key was accepted",
    rule: "UsePAM yes; pam_unix cannot tell whether the account has expired",
    note: "without PAM the same account would be let in",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "write the entries that are missing from /etc/shadow; existing ones are kept",
            commands: &["pwconv"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or write one entry without a password for this account",
            commands: &["usermod -p '*' -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "",
};
