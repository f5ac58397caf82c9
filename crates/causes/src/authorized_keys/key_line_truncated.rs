//! `key-line-truncated`

use crate::prelude::*;

/// The cause `key-line-truncated`.
pub static CAUSE: Cause = Cause {
    id: "key-line-truncated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key on line {line} of {file} is cut off",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "the part that is there agrees with the offered key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} 'NR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the whole public key on line {line} of {file}, as the one line that ssh-keygen -y -f KEY or PuTTYgen's box \"Public key for pasting into OpenSSH authorized_keys file\" shows",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: "",
};
