//! `apparmor-denied`

use crate::prelude::*;

/// The cause `apparmor-denied`.
pub static CAUSE: Cause = Cause {
    id: "apparmor-denied",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AppArmor keeps sshd from reading {path}",
    rule: "the profile of sshd names the files it may read: {found}",
    note: "the modes are right; the kernel refuses the open all the same",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "allow the path in the profile's local part (/etc/apparmor.d/local/usr.sbin.sshd), then load the profile again",
            commands: &["apparmor_parser -r /etc/apparmor.d/usr.sbin.sshd"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or keep the keys where the profile allows them, in .ssh/authorized_keys of the home",
            commands: &[],
            safety: Safety::Neutral,
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
        LogLine {
            level: Level::Other,
            text: "apparmor=\"DENIED\" operation=\"open\" profile=\"{profile}\" name=\"{path}\" {rest}",
        },
    ],
    page: "",
};
