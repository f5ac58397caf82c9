//! `pam-nologin`

use crate::prelude::*;

/// The cause `pam-nologin`.
pub static CAUSE: Cause = Cause {
    id: "pam-nologin",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "a nologin file exists, so PAM keeps everyone but root out",
    rule: "{path}; UsePAM yes, and pam_nologin looks for it after the key was accepted",
    note: "the key and its signature were good; the machine may be starting, shutting down or under maintenance",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "wait until the start or shutdown is over, or ask the administrator whether the maintenance is; then remove the file",
            commands: &["rm -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "Access denied for user {user} by PAM account configuration" },
    ],
    page: "/etc/nologin or /run/nologin exists, so PAM keeps everyone but root out after the key was accepted.

## What it means
The machine is starting, shutting down, or closed for maintenance. The file's text says which, if
it has any.

## Why sshd refuses
pam_nologin in PAM's account phase looks for the file. Root passes; all others are refused.
systemd makes /run/nologin early at start and before a shutdown, and removes it when logins may
begin.

## How to see it
The text of the file comes first:
```
System is booting up. Unprivileged users are not permitted to log in yet. Please come back later.
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
Access denied for user alice by PAM account configuration [preauth]
```
```
ls -l /run/nologin /var/run/nologin /etc/nologin
```

## Mend
- Wait a minute, if the machine is starting.
- Ask the administrator whether maintenance is over, then remove the file: `rm -- /etc/nologin`.

## Pitfalls
- /run/nologin that stays means that `systemd-user-sessions.service` did not start; see why:
  `systemctl status systemd-user-sessions`. It is common in containers.
- A shutdown that was called off leaves the file for a while: `shutdown -c`.
- Without PAM, sshd looks itself, for /etc/nologin alone, and after the login (`nologin-file`).
- Dropbear does not look for the file.
",
};
