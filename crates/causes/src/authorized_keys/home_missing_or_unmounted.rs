//! `home-missing-or-unmounted`

use crate::prelude::*;

/// The cause `home-missing-or-unmounted`.
pub static CAUSE: Cause = Cause {
    id: "home-missing-or-unmounted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{user}'s home directory {home} is not there, so neither are its keys",
    rule: "{keyword} {value} ({origin}) leads into the home directory",
    note: "it may only be unmounted: do not make an empty directory in its place before that is known",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see whether it should be mounted (autofs, NFS, an encrypted or systemd-homed home), and mount it",
            commands: &["getent passwd -- {user}", "findmnt -T {home}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for homes that open only after a login: keep the keys outside, as in AuthorizedKeysFile /etc/ssh/authorized_keys/%u .ssh/authorized_keys",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': No such file or directory",
        },
    ],
    page: "",
};
