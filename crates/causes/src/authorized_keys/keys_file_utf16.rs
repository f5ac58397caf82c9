//! `keys-file-utf16`

use crate::prelude::*;

/// The cause `keys-file-utf16`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-utf16",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{file} is UTF-16 text: every line in it is dead",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment, in ASCII or UTF-8",
    note: "PowerShell 5 writes UTF-16 with > and with Out-File",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "convert it (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "iconv -f UTF-16 -t UTF-8 -- {file}.before | tr -d '\\r' > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "on Windows, write such files with Set-Content -Encoding ascii",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: ''",
    }],
    page: "",
};
