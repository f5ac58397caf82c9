//! `pam-password-expired-inactive`

use crate::prelude::*;

/// The cause `pam-password-expired-inactive`.
pub static CAUSE: Cause = Cause {
    id: "pam-password-expired-inactive",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "the password of {user} ran out too long ago, and PAM no longer offers to change it",
    rule: "UsePAM yes; /etc/shadow: the {value} inactive days after the password's maximum age have passed",
    note: "the key and its signature were good; the age of a password that is not even used decides",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may still log in; if so, let the password not age",
            commands: &["chage -M -1 -I -1 -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or count the age from today on, once the password is changed",
            commands: &["passwd -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Other, text: "pam_unix(sshd:account): account {user} has expired (failed to change password)" },
        LogLine { level: Level::Info, text: "Access denied for user {user} by PAM account configuration" },
    ],
    page: "The account's password ran out so long ago that PAM treats the account as closed, though a key is used.

## What it means
A password has a maximum age and, after that, some inactive days to change it in. Both are over.

## Why sshd refuses
pam_unix looks at the password's age in the account phase, whatever the login used. Within the
inactive days it asks for a new password; after them it refuses.

## How to see it
```
Your account has expired; please contact your system administrator.
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
pam_unix(sshd:account): account alice has expired (failed to change password)
Access denied for user alice by PAM account configuration [preauth]
```
As root: `chage -l alice` shows `Password expires` and `Password inactive`.

## Mend
- Ask the administrator; then let the password not age (`chage -M -1 -I -1 -- alice`), or change
  it (`passwd alice`).

## Pitfalls
- Accounts that use keys alone have a password age all the same, when login.defs sets
  PASS_MAX_DAYS and the account was made by useradd.
- It strikes a fixed number of days after the account was made, often all accounts of one image at
  once.
- Service accounts in scripts fail silently on that day.
- Without PAM the age of the password does not matter to keys.
",
};
