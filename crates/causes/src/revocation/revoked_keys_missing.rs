//! `revoked-keys-missing`

use crate::prelude::*;

/// The cause `revoked-keys-missing`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-missing",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of revoked keys, {file}, and refuses every key: {reason}",
    rule: "{keyword} {value} ({origin}); sshd reads it as root",
    note: "no account of this server can log in by key until the file is back",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "restore the file from where it is kept",
            commands: &["ls -ld -- {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "if no key was ever revoked here, an empty file is a list that revokes nothing; ask the administrator first, for a lost list lets revoked keys in again",
            commands: &["( umask 022 && : > {file} )"],
            safety: Safety::Weakens,
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
