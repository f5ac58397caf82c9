//! `forced-command-surprise`

use crate::prelude::*;

/// The cause `forced-command-surprise`.
pub static CAUSE: Cause = Cause {
    id: "forced-command-surprise",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "{origin} runs {command} instead of what {user} asks for",
    rule: "a forced command replaces the shell and each command of the client",
    note: "the key is accepted; this is not a refusal",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "use another key for a shell, and leave this one to its command",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask whoever set the command whether it is still meant; without it this key gets a full shell",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (key-option) '{command}' for {user} from {from} port {port} id {found}",
        },
        LogLine {
            level: Level::Verbose,
            text: "Starting session: forced-command (config) '{command}' for {user} from {from} port {port} id {found}",
        },
    ],
    page: "",
};
