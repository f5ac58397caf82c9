//! `chroot-no-shell`

use crate::prelude::*;

/// The cause `chroot-no-shell`.
pub static CAUSE: Cause = Cause {
    id: "chroot-no-shell",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "there is no {shell} inside the chroot {path}, so the session of {user} ends at once",
    rule: "ChrootDirectory {value} ({origin}); the shell is looked for inside it",
    note: "the key is accepted; an account for file transfer alone needs ForceCommand internal-sftp",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for file transfer alone: ForceCommand internal-sftp beside ChrootDirectory at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for shells: put {shell} and the libraries it needs (ldd shows them) below {path}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Verbose,
        text: r#"Changed root directory to "{path}""#,
    }],
    page: "",
};
