//! `rc-file-exit`

use crate::prelude::*;

/// The cause `rc-file-exit`.
pub static CAUSE: Cause = Cause {
    id: "rc-file-exit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "a start-up file of {user} ends or disturbs the session: {path}",
    rule: "sshd runs ~/.ssh/rc or /etc/ssh/sshrc, then the shell its own files; text on standard output breaks sftp and scp",
    note: "the key is accepted",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "have the file do nothing in sessions that are not interactive: no exit, no exec, no output",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "get in past the shell's start-up files to mend them",
            commands: &["ssh -t -- {user}@{to} /bin/sh"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
    }],
    page: "",
};
