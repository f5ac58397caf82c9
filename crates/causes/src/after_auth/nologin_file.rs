//! `nologin-file`

use crate::prelude::*;

/// The cause `nologin-file`.
pub static CAUSE: Cause = Cause {
    id: "nologin-file",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "{path} exists, so sshd ends the session of {user} at once",
    rule: "UsePAM no; without PAM, sshd itself asks for /etc/nologin after the login, for everyone but uid 0",
    note: "the key is accepted; the client reads the text of the file",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "wait until the maintenance is over, or ask the administrator whether it is; then remove the file",
        commands: &["rm -- {path}"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} not allowed because {path} exists",
    }],
    page: "",
};
