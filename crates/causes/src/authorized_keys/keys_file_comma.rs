//! `keys-file-comma`

use crate::prelude::*;

/// The cause `keys-file-comma`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} names one file with a comma in its name, not two files",
    rule: "{keyword} {value} ({origin}); file names are separated by blanks",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, put a blank in the place of the comma, then check and reload",
        commands: &["sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{path}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{path}': No such file or directory",
        },
    ],
    page: "",
};
