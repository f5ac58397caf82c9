//! `chroot-missing`

use crate::prelude::*;

/// The cause `chroot-missing`.
pub static CAUSE: Cause = Cause {
    id: "chroot-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the chroot directory {path} for {user} does not exist, or is not a directory",
    rule: "ChrootDirectory {value} ({origin})",
    note: "the key is accepted and the connection then closed",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the directory, root's own",
            commands: &[
                "mkdir -p -- {path}",
                "chown root:root -- {path}",
                "chmod 755 -- {path}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or set ChrootDirectory right at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"stat("{path}"): {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot path "{path}" is not a directory"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot path component "{path}" is not a directory"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"Unable to chdir to chroot path "{path}": {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"chroot("{path}"): {reason}"#,
        },
    ],
    page: "",
};
