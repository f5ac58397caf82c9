//! `pam-access`

use crate::prelude::*;

/// The cause `pam-access`.
pub static CAUSE: Cause = Cause {
    id: "pam-access",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_access does not let {user} in from {from}: {file}, line {line}",
    rule: "the first line of {file} that fits decides; the PAM service {service} asks it in its account phase",
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in from {from}; if so, add the line + : {user} : {from} above line {line} of {file}",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_access(sshd:account): access denied for user `{user}' from `{from}'",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
