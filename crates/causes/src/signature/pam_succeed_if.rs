//! `pam-succeed-if`

use crate::prelude::*;

/// The cause `pam-succeed-if`.
pub static CAUSE: Cause = Cause {
    id: "pam-succeed-if",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_succeed_if refuses {user}: a condition of the PAM file does not hold",
    rule: r#""{pattern}" does not hold: line {line} of {file}, asked in the account phase"#,
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} is meant to be kept out; if not, make the condition hold: often a group membership",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: r#"pam_succeed_if(sshd:account): requirement "{pattern}" not met by user "{user}""#,
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: r#"pam_succeed_if refuses the user because a condition in the PAM file does not hold.

## What it means
A line such as `account required pam_succeed_if.so user ingroup sshusers` asks about the account,
and the answer is no.

## Why sshd refuses
The key was good. In PAM's account phase a required condition failed, so sshd ends the connection.

## How to see it
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
pam_succeed_if(sshd:account): requirement "user ingroup sshusers" not met by user "alice"
Access denied for user alice by PAM account configuration [preauth]
```
The line: `grep -rn pam_succeed_if /etc/pam.d`. The account: `id alice`.

## Mend
- Ask the administrator whether the account is meant to be kept out.
- Make the condition hold, often by a group: `usermod -aG sshusers -- alice`.

## Pitfalls
- Log lines of this module also come from harmless uses (`sufficient`, `quiet` missing); look at
  the control word of the line.
- `uid >= 1000` keeps out system accounts, and `uid >= 500` is of older days.
- Shared files (password-auth, common-account) carry the line for other services too.
"#,
};
