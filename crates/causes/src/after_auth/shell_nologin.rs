//! `shell-nologin`

use crate::prelude::*;

/// The cause `shell-nologin`.
pub static CAUSE: Cause = Cause {
    id: "shell-nologin",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the login shell of {user} is {path}, which says no and exits",
    rule: "sshd asks only that the shell exists and can be run; {path} is such a program",
    note: "the key is accepted; sftp with internal-sftp and port forwarding (ssh -N) work all the same",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may have a shell; if so, give it one",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "if only forwarding is wanted, ask for no shell",
            commands: &["ssh -N -- {user}@{to}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Other,
            text: "Attempted login by {user} on {found}",
        },
    ],
    page: "",
};
