//! `keys-file-glob`

use crate::prelude::*;

/// The cause `keys-file-glob`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-glob",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd reads {path} as a pattern, and the pattern matches no file",
    rule: "{keyword} {value} ({origin}); OpenSSH 10.0 and later expand *, ?, [ ] and \\ in the path, those in the home directory's name too",
    note: "nothing is logged for this, at no LogLevel",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "name a path without *, ?, [, ] and \\, such as AuthorizedKeysFile /etc/ssh/authorized_keys/%U, and move the keys there; then check and reload",
            commands: &["sshd -t && systemctl reload ssh"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or give {user} a home directory without these characters",
            commands: &["usermod -d NEWHOME -m -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug1,
        text: "trying public key file {file}",
    }],
    page: "",
};
