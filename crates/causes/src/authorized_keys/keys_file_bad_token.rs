//! `keys-file-bad-token`

use crate::prelude::*;

/// The cause `keys-file-bad-token`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-bad-token",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Disconnected,
    title: "AuthorizedKeysFile holds {token}, which sshd cannot expand: the connection ends there",
    rule: "{keyword} {value} ({origin}); found {token}, expected %h, %u, %U or %%",
    note: "sshd -t and sshd -T accept the line; it fails at the login",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, replace {token} by a token that sshd knows (%h home, %u name, %U uid, %% a percent sign), then check and reload",
        commands: &["sshd -t && systemctl reload ssh"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "percent_expand: unknown key {token}",
        },
        LogLine {
            level: Level::Info,
            text: "vdollar_percent_expand: unknown key {token}",
        },
    ],
    page: "",
};
