//! `setuid-resource-limit`

use crate::prelude::*;

/// The cause `setuid-resource-limit`.
pub static CAUSE: Cause = Cause {
    id: "setuid-resource-limit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd cannot become {user}: {reason}",
    rule: "a limit on the number of processes, or a missing right of sshd itself, stops the change of user",
    note: "the key is accepted and the connection then closed",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see how many processes {user} has, end those that hang, or raise nproc in limits.conf",
            commands: &["ps -U {user} -o pid,etime,args"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "in a container: give it the rights SETUID, SETGID and SYS_CHROOT",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Failed to set uids to {uid}.",
        },
        LogLine {
            level: Level::Info,
            text: "fork: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "fork of unprivileged child failed",
        },
        LogLine {
            level: Level::Info,
            text: "do_exec_pty: fork: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "setuid {uid}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "initgroups: {user}: {reason}",
        },
    ],
    page: "",
};
