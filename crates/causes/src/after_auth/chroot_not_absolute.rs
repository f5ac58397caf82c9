//! `chroot-not-absolute`

use crate::prelude::*;

/// The cause `chroot-not-absolute`.
pub static CAUSE: Cause = Cause {
    id: "chroot-not-absolute",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "ChrootDirectory for {user} comes out as {path}, which does not begin with /",
    rule: "ChrootDirectory {value} ({origin}), with %h, %u and %U filled in",
    note: "the key is accepted and the connection then closed",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "write ChrootDirectory as an absolute path at {origin} (none switches it off), check, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "chroot path does not begin at root",
        },
        LogLine {
            level: Level::Info,
            text: "chroot path too long",
        },
    ],
    page: "",
};
