//! `pam-account-expired`

use crate::prelude::*;

/// The cause `pam-account-expired`.
pub static CAUSE: Cause = Cause {
    id: "pam-account-expired",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "the account {user} has expired, and PAM refuses it after the key was accepted",
    rule: "UsePAM yes; the expiry date of /etc/shadow was {date}, and pam_unix asks it",
    note: "the key and its signature were good",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may still log in; if so, set a new last day, or none with -1",
        commands: &["chage -E -1 -- {user}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): account {user} has expired (account expired)",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: r#"The account has expired, and PAM refuses it after its key was accepted ("Your account has expired").

## What it means
The expiry date in /etc/shadow is over. The key and its signature were good.

## Why sshd refuses
With `UsePAM yes` sshd leaves the question to PAM. pam_unix reads the date in the account phase,
which comes after the signature.

## How to see it
The server says it before it closes:
```
Your account has expired; please contact your system administrator.
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
pam_unix(sshd:account): account alice has expired (account expired)
Access denied for user alice by PAM account configuration [preauth]
```
As root: `chage -l alice`.

## Mend
- Expiry dates are set on purpose: ask the administrator.
- `chage -E -1 -- alice` takes the date away; `chage -E 2030-12-31 -- alice` sets another.

## Pitfalls
- Without PAM the same date refuses the key earlier (`account-expired`).
- Directory services (LDAP, AD) have expiry dates of their own; chage does not change those.
- PuTTY shows the text only where "Display pre-authentication banner" is on.
- Expired accounts still run cron jobs on some systems; the login is what stops.
"#,
};
