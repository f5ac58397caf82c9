//! `sshd-config-not-reloaded`

use crate::prelude::*;

/// The cause `sshd-config-not-reloaded`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-not-reloaded",
    stage: Stage::Connect,
    seen: Seen::Nothing,
    title: "the running sshd started before {path} was changed, and still follows the old settings",
    rule: "sshd reads its configuration and all Include files once, when it starts or is reloaded",
    note: "authorized_keys, principals, CA and revocation files are read anew for each login; only the configuration waits",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "check the configuration and have sshd read it",
        commands: &["/usr/sbin/sshd -t", "systemctl reload sshd"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Received SIGHUP; restarting.",
    }],
    page: "",
};
