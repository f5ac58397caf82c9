//! `keys-file-elsewhere`

use crate::prelude::*;

/// The cause `keys-file-elsewhere`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-elsewhere",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not read {other_file}, where the key stands; it reads {file}",
    rule: "{keyword} {value} ({origin})",
    note: "the value may come from a drop-in or a Match block that wins over the line that was edited",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the key where sshd looks",
            commands: &[
                "umask 077 && mkdir -p -- \"$(dirname -- {file})\" && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether AuthorizedKeysFile at {origin} should also name {other_file}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "trying public key file {file}",
        },
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
