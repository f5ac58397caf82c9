//! `chroot-bad-ownership`

use crate::prelude::*;

/// The cause `chroot-bad-ownership`.
pub static CAUSE: Cause = Cause {
    id: "chroot-bad-ownership",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd does not lock {user} into the chroot: {path} is {owner}'s with mode {mode}",
    rule: "each directory of ChrootDirectory, the last one too, has to be root's and not writable by group or others; {value} ({origin})",
    note: "the key is accepted and the connection then closed",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make the directory root's own and take the write bit of group and others away; give {user} a directory below it to write in",
        commands: &["chown root -- {path}", "chmod go-w -- {path}"],
        safety: Safety::Tightens,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"bad ownership or modes for chroot directory "{path}""#,
        },
        LogLine {
            level: Level::Info,
            text: r#"bad ownership or modes for chroot directory component "{path}""#,
        },
    ],
    page: "",
};
