//! `keys-command-failed`

use crate::prelude::*;

/// The cause `keys-command-failed`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-failed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommand {path} failed (status {status}), so the keys it printed do not count",
    rule: "{keyword} {value} ({origin})",
    note: "sshd takes the output only if the exit status is 0",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "run it as sshd does, and see what it says on standard error (sshd throws that away)",
            commands: &[
                "su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}; echo \"status $?\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "then bring the service back that it asks (SSSD, LDAP, a cloud's metadata server), or mend the script so that it ends with 0 when all is well",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand {command} failed, status {status}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand {command} exited on signal {status}",
        },
    ],
    page: "",
};
