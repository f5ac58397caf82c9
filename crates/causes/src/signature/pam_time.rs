//! `pam-time`

use crate::prelude::*;

/// The cause `pam-time`.
pub static CAUSE: Cause = Cause {
    id: "pam-time",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_time does not let {user} log in at this hour",
    rule: "{file}, line {line}: times and users; the server's clock and time zone count",
    note: "the key and its signature were good; the same login works at another hour",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "wait for the allowed hours, or ask the administrator whether {user} may be let in at others",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see whether the clock and time zone of the server are right",
            commands: &["date"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
        LogLine {
            level: Level::Other,
            text: "pam_time(sshd:account): user {user} rejected",
        },
    ],
    page: "pam_time (/etc/security/time.conf) does not allow this user to log in at this hour.

## What it means
The key is good. The hours for this service and user are limited, and now is outside them.

## Why sshd refuses
pam_time in PAM's account phase compares service, terminal, user and time. Where a line fits the
user and its times do not include now, it refuses.

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
The rules and the clock:
```
grep -vE '^(#|$)' /etc/security/time.conf
grep -rn pam_time /etc/pam.d
date
```

## Mend
- Log in at an allowed hour, or ask the administrator for other hours.
- Correct the server's clock or time zone, if that is what is off.

## Pitfalls
- Times are of the server's time zone: `Wk0800-1800` is its working day, not yours.
- The terminal of sshd is the word `ssh`; rules for tty* do not fit.
- It stops logins only: sessions that are open at closing time stay.
",
};
