//! `keys-file-missing`

use crate::prelude::*;

/// The cause `keys-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd looks for {user}'s keys in {file}, and there is no such file",
    rule: "{keyword} {value} ({origin})",
    note: "names are exact: authorized_key, authorized_keys.txt or .SSH are other names",
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
            text: "or, while another login method works, let the client install the key",
            commands: &["ssh-copy-id {user}@SERVER"],
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
        LogLine {
            level: Level::Debug1,
            text: "trying public key file {file}",
        },
    ],
    page: "",
};
