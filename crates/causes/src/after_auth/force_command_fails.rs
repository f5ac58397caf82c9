//! `force-command-fails`

use crate::prelude::*;

/// The cause `force-command-fails`.
pub static CAUSE: Cause = Cause {
    id: "force-command-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the forced command of {user} ends with status {status}, and the session with it",
    rule: "{origin} sets the command {command}",
    note: "the key is accepted; what the client asks for never runs",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "run the command as {user} by hand and mend what it complains of",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "set the command right at {origin}: a full path, a program that {user} may run",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (config) '{command}' for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (key-option) '{command}' for {user} from {from} port {port} id {found}",
        },
    ],
    page: "",
};
