//! `revoked-keys-has-dsa`

use crate::prelude::*;

/// The cause `revoked-keys-has-dsa`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-has-dsa",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "line {line} of {file}, the list of revoked keys, holds an ssh-dss key, which this server cannot read: it refuses every key",
    rule: "{keyword} {value} ({origin}); {build} has no DSA, and a line it cannot read ends the check with an error",
    note: "before OpenSSH 10.0 the same file did no harm",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "remove the ssh-dss lines (the old file stays as {file}.before): this server accepts no DSA key anyhow",
        commands: &[
            "cp -p -- {file} {file}.before",
            "sed '/^[[:blank:]]*ssh-dss[[:blank:]]/d' < {file}.before > {file}",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}: {reason}",
    }],
    page: "",
};
