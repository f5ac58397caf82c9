//! `keys-file-empty`

use crate::prelude::*;

/// The cause `keys-file-empty`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-empty",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{file} holds no key",
    rule: "{keyword} {value} ({origin})",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "add the key to {file} as one line (the line feed before it keeps it off an unfinished last line)",
        commands: &[
            "umask 077 && mkdir -p -- \"$(dirname -- {file})\" && printf '\\n%s\\n' {line_to_add} >> {file}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}: processed 0/{count} lines",
    }],
    page: "",
};
