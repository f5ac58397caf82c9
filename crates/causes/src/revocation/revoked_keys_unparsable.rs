//! `revoked-keys-unparsable`

use crate::prelude::*;

/// The cause `revoked-keys-unparsable`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-unparsable",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of revoked keys, {file}, and refuses the keys it has not found before the bad place",
    rule: "{keyword} {value} ({origin}); found: {reason}; expected: a KRL, or plain public keys, one on each line",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "look at line {line} of {file}: it takes keytype and key, without options; turn it into a plain key or remove it, so that every other key stays revoked",
            commands: &["sed -n {line}p -- {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where the file is a damaged KRL, make it again from the list of revoked keys",
            commands: &["ssh-keygen -k -f {file} REVOKED_KEYS"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}",
        },
    ],
    page: "",
};
