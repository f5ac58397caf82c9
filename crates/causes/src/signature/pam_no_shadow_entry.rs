//! `pam-no-shadow-entry`

use crate::prelude::*;

/// The cause `pam-no-shadow-entry`.
pub static CAUSE: Cause = Cause {
    id: "pam-no-shadow-entry",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "{user} has no entry in /etc/shadow, and PAM refuses the account after the key was accepted",
    rule: "UsePAM yes; pam_unix cannot tell whether the account has expired",
    note: "without PAM the same account would be let in",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "write the entries that are missing from /etc/shadow; existing ones are kept",
            commands: &["pwconv"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or write one entry without a password for this account",
            commands: &["usermod -p '*' -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "The account has no line in /etc/shadow, and PAM refuses it after its key was accepted.

## What it means
/etc/passwd says with `x` that the rest stands in /etc/shadow, and it does not.

## Why sshd refuses
pam_unix wants to know whether account and password have expired. It finds nothing to read,
reports a failure, and sshd ends the connection. Without PAM a missing entry counts as not locked.

## How to see it
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
Access denied for user alice by PAM account configuration [preauth]
```
As root:
```
getent shadow alice
pwck -r
```
The first prints nothing; the second says `no matching password file entry in /etc/shadow` and
asks `add user 'alice' in /etc/shadow?`.

## Mend
- `pwconv` writes missing entries and keeps existing ones.
- Or for this account: `usermod -p '*' -- alice`, keys only.

## Pitfalls
- It comes from copying /etc/passwd lines by hand, or into a container, without the shadow line.
- If sshd may not read /etc/shadow (user namespaces, a read-only mount, SELinux), it looks the
  same.
- An entry with an empty password field is worse than none: write `*`.
",
};
