//! `keys-file-second-not-read`

use crate::prelude::*;

/// The cause `keys-file-second-not-read`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-second-not-read",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not read {other_file}, where the key stands: AuthorizedKeysFile names {value} alone",
    rule: "{keyword} {value} ({origin})",
    note: "the compiled default reads authorized_keys and authorized_keys2; the sshd_config that OpenSSH ships names the first alone",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the key into the file that sshd reads",
            commands: &[
                "umask 077 && mkdir -p -- \"$(dirname -- {file})\" && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether AuthorizedKeysFile at {origin} should name both files",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug1,
        text: "trying public key file {file}",
    }],
    page: "",
};
