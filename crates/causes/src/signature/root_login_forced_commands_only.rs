//! `root-login-forced-commands-only`

use crate::prelude::*;

/// The cause `root-login-forced-commands-only`.
pub static CAUSE: Cause = Cause {
    id: "root-login-forced-commands-only",
    stage: Stage::Signature,
    seen: Seen::SessionEnds,
    title: "PermitRootLogin lets {user} in only with a forced command on its key, and this key has none",
    rule: "PermitRootLogin forced-commands-only ({origin}); the line {line} of {file} has no command=",
    note: r#"the client reads "Authenticated" and is cut off at once; ForceCommand of sshd_config does not count here"#,
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: r#"give the key's line in {file} the command it is for: command="/the/program" before the key type"#,
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as an ordinary account and become root there",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let root use keys for any command with PermitRootLogin prohibit-password at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "ROOT LOGIN REFUSED FROM {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Root login accepted for forced command.",
        },
        LogLine {
            level: Level::Info,
            text: "monitor_read: unsupported request: {found}",
        },
        LogLine {
            level: Level::Info,
            text: "unsupported request: {found}",
        },
    ],
    page: "",
};
