//! `sshd-config-invalid`

use crate::prelude::*;

/// The cause `sshd-config-invalid`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-invalid",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd does not start with this configuration: {file}, line {line}: {reason}",
    rule: "one line that sshd cannot read makes it refuse the whole file",
    note: "a daemon that already runs keeps its old settings until it is reloaded, and then it ends",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "correct the line ({file}, line {line}), check the whole, and only then reload sshd",
        commands: &["/usr/sbin/sshd -t", "systemctl reload-or-restart sshd"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{file}: line {line}: Bad configuration option: {keyword}",
        },
        LogLine {
            level: Level::Info,
            text: "{file}: terminating, {found} bad configuration options",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Directive '{keyword}' is not allowed within a Match block",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad key types '{found}'.",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: unsupported option "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: keyword {keyword} extra arguments at end of line",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: {keyword} missing argument.",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: no argument after keyword "{keyword}""#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: invalid quotes",
        },
        LogLine {
            level: Level::Info,
            text: "{file}: line {line}: invalid quotes",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: garbage at end of line; "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: r#"{file}: line {line}: garbage at end of line; "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand set without AuthorizedKeysCommandUser",
        },
        LogLine {
            level: Level::Info,
            text: "AuthenticationMethods cannot be satisfied by enabled authentication methods",
        },
    ],
    page: "",
};
