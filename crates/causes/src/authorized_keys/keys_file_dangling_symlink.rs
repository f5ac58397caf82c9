//! `keys-file-dangling-symlink`

use crate::prelude::*;

/// The cause `keys-file-dangling-symlink`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dangling-symlink",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{path} is a link to {target}, which does not exist",
    rule: "sshd follows links, and finds nothing at the end of this one",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "bring {target} back (mount it, restore it), if it is only away",
            commands: &["ls -ld -- {path} {target}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or replace the link by a file of the account's own, then add the key",
            commands: &["mv -- {path} {path}.old", "( umask 077 && : > {path} )"],
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
