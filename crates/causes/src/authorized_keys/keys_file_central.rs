//! `keys-file-central`

use crate::prelude::*;

/// The cause `keys-file-central`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-central",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{user} may not read the central key file {path}",
    rule: "{keyword} {value} ({origin}); sshd opens it as {user}, not as root",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let {user} read it and pass the directories above it",
            commands: &["setfacl -m u:{user}:rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or let everyone read it: the file holds public keys, though it also tells who may log in and from where",
            commands: &["chmod o+rX -- {path}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
    ],
    page: "",
};
