//! `login-class-denied`

use crate::prelude::*;

/// The cause `login-class-denied`.
pub static CAUSE: Cause = Cause {
    id: "login-class-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login class of {user} does not let it log in now from {from}",
    rule: "login.conf of class {group}: {reason}",
    note: "only systems with login classes (the BSDs) ask this; sshd logs it at DEBUG1 alone",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether the hosts and times of the class are meant; if not, correct host.allow, host.deny, times.allow or times.deny of the class in login.conf, then rebuild its database",
        commands: &["cap_mkdb /etc/login.conf"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Denied connection for {user} from {host} [{from}].",
        },
        LogLine {
            level: Level::Debug1,
            text: "LOGIN {user} REFUSED (TIME)",
        },
        LogLine {
            level: Level::Debug1,
            text: "Approval failure for {user}",
        },
        LogLine {
            level: Level::Info,
            text: "Invalid user {user} from {from} port {port}",
        },
    ],
    page: "",
};
