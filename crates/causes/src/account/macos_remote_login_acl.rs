//! `macos-remote-login-acl`

use crate::prelude::*;

/// The cause `macos-remote-login-acl`.
pub static CAUSE: Cause = Cause {
    id: "macos-remote-login-acl",
    stage: Stage::Account,
    seen: Seen::ClosedAfterSignature,
    title: "macOS lets only chosen accounts log in remotely, and {user} is not one of them",
    rule: "the group com.apple.access_ssh holds who may use Remote Login",
    note: "the key may be fine: pam_sacl refuses after the signature was checked",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the owner of the Mac whether {user} may log in; if so, add the account under System Settings, General, Sharing, Remote Login, or with this command",
        commands: &["dseditgroup -o edit -a {user} -t user com.apple.access_ssh"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "",
};
