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
    page: r#"macOS Remote Login is limited to chosen users, and this account is not among them.

## What it means
In System Settings, General, Sharing, Remote Login the choice is "All users" or "Only these
users".
Behind the second stands the group `com.apple.access_ssh`; the account is not a member.

## Why sshd refuses
Apple's PAM file for sshd asks pam_sacl for that group in its account phase, after the key's
signature was found good.

## How to see it
The client's key is accepted, and then the connection ends:
```
debug1: Server accepts key: /Users/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
On the Mac:
```
dseditgroup -o checkmember -m alice com.apple.access_ssh
log show --last 10m --predicate 'process == "sshd"'
```
sshd logs `Access denied for user alice by PAM account configuration [preauth]`.

## Mend
- Ask the owner of the Mac, then add the account in the settings, or:
```
dseditgroup -o edit -a alice -t user com.apple.access_ssh
```

## Pitfalls
- If the group does not exist, everyone is allowed; its first member locks out the rest.
- A disabled group is named `com.apple.access_ssh-disabled`.
- Full Disk Access for remote users is a second switch: without it, keys in protected folders
  cannot be read.
"#,
};
