//! `pam-succeed-if`

use crate::prelude::*;

/// The cause `pam-succeed-if`.
pub static CAUSE: Cause = Cause {
    id: "pam-succeed-if",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: r#"pam_succeed_if refuses {user}: "{pattern}" does not hold"#,
    rule: "line {line} of {file}, asked in the account phase",
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} is meant to be kept out; if not, make the condition hold: often a group membership",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: r#"pam_succeed_if(sshd:account): requirement "{pattern}" not met by user "{user}""#,
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
