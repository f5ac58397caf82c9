//! `shell-exec-fails`

use crate::prelude::*;

/// The cause `shell-exec-fails`.
pub static CAUSE: Cause = Cause {
    id: "shell-exec-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the login shell of {user}, {path}, is there and cannot be run: {reason}",
    rule: "sshd has changed to {user} and the kernel does not start the program",
    note: "the key is accepted; the client reads the shell's path and the kernel's reason",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that runs",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or mend the program: the loader or libraries it needs, the mount option noexec, the right machine type",
            commands: &["file -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
    }],
    page: "",
};
