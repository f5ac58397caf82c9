//! `pam-time`

use crate::prelude::*;

/// The cause `pam-time`.
pub static CAUSE: Cause = Cause {
    id: "pam-time",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_time does not let {user} log in at this hour: {file}, line {line}",
    rule: "times and users of {file}; the server's clock and time zone count",
    note: "the key and its signature were good; the same login works at another hour",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "wait for the allowed hours, or ask the administrator whether {user} may be let in at others",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see whether the clock and time zone of the server are right",
            commands: &["date"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "",
};
