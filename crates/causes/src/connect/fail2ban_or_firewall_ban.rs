//! `fail2ban-or-firewall-ban`

use crate::prelude::*;

/// The cause `fail2ban-or-firewall-ban`.
pub static CAUSE: Cause = Cause {
    id: "fail2ban-or-firewall-ban",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "a firewall rule on the server keeps {from} from reaching sshd",
    rule: "{path} drops or rejects {from} before sshd sees it",
    note: "sshd logs nothing for a connection that never reaches it; the key was not looked at",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "lift the ban of {from}, once the administrator agrees that the failures behind it were yours",
            commands: &["fail2ban-client set sshd unbanip {from}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let the address {from} through in the firewall's own rules, where fail2ban is not the one that bans: ask the administrator whether the rule is meant",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Other,
            text: "[sshd] Ban {from}",
        },
        LogLine {
            level: Level::Other,
            text: "NOTICE [sshd] Ban {from}",
        },
        LogLine {
            level: Level::Other,
            text: "[sshd] {from} already banned",
        },
    ],
    page: "",
};
