//! `pam-nologin`

use crate::prelude::*;

/// The cause `pam-nologin`.
pub static CAUSE: Cause = Cause {
    id: "pam-nologin",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "{path} exists, so PAM keeps everyone but root out",
    rule: "UsePAM yes; pam_nologin asks for /run/nologin and /etc/nologin after the key was accepted",
    note: "the key and its signature were good; the machine may be starting, shutting down or under maintenance",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "wait until the start or shutdown is over, or ask the administrator whether the maintenance is; then remove the file",
        commands: &["rm -- {path}"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "",
};
