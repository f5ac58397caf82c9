//! `key-not-listed`

use crate::prelude::*;

/// The cause `key-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "key-not-listed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "no line of {file} holds the key {fingerprint}",
    rule: "{keyword} {value} ({origin})",
    note: "sshd compares decoded keys: a line with the same comment can hold another key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key to {file} as one line (the line feed before it keeps it off an unfinished last line)",
            commands: &[
                "umask 077 && mkdir -p -- \"$(dirname -- {file})\" && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or offer the key that stands there",
            commands: &["ssh -i KEYFILE -o IdentitiesOnly=yes {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or, while another login method works, let the client install the key",
            commands: &["ssh-copy-id -i KEYFILE.pub {user}@SERVER"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}: processed {keys}/{count} lines",
    }],
    page: "",
};
