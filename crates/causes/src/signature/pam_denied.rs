//! `pam-denied`

use crate::prelude::*;

/// The cause `pam-denied`.
pub static CAUSE: Cause = Cause {
    id: "pam-denied",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "PAM's account phase refuses {user} after the key was accepted",
    rule: "UsePAM yes; the account stack of the PAM service {service} said no",
    note: "the key and its signature were good; which module refused stands in the system's log, if it says so",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "read what the modules logged at the time of the login, and ask the administrator about the rule that applied",
            commands: &["journalctl -t sshd -t sshd-session --since -10min"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "read the text that the server sent before it closed the connection: modules put their reason there",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
        LogLine {
            level: Level::Debug1,
            text: "PAM: do_pam_account pam_acct_mgmt = {status} ({reason})",
        },
    ],
    page: "",
};
