//! `ca-file-missing`

use crate::prelude::*;

/// The cause `ca-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-missing",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of trusted CAs, {file}: {reason}",
    rule: "{keyword} {value} ({origin}); sshd reads it as root",
    note: "no certificate is accepted by way of that file while it is away",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "put the CA's public key back into {file}, or correct the path at {origin}, then check and reload",
        commands: &["ls -ld -- {file}", "sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
    }],
    page: "",
};
