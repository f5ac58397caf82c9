//! `pam-listfile`

use crate::prelude::*;

/// The cause `pam-listfile`.
pub static CAUSE: Cause = Cause {
    id: "pam-listfile",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_listfile refuses {user}: {file} decides who may log in",
    rule: "the line {line} of the PAM service {service} has sense={value} and file={file}",
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in; if so, add the name to the list {file} (sense=allow), or take it out (sense=deny)",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_listfile(sshd:account): Refused user {user} for service sshd",
        },
        LogLine {
            level: Level::Other,
            text: "Refused user {user} for service sshd",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "",
};
