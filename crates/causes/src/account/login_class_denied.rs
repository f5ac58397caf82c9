//! `login-class-denied`

use crate::prelude::*;

/// The cause `login-class-denied`.
pub static CAUSE: Cause = Cause {
    id: "login-class-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login class of {user} does not let it log in now from {from}",
    rule: "login.conf of class {group}: {reason}",
    note: "only systems with login classes (the BSDs) ask this; sshd logs it at DEBUG1 alone",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether the hosts and times of the class are meant; if not, correct host.allow, host.deny, times.allow or times.deny of the class in login.conf, then rebuild its database",
            commands: &["cap_mkdb /etc/login.conf"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Debug1, text: "Denied connection for {user} from {host} [{from}]." },
        LogLine { level: Level::Debug1, text: "LOGIN {user} REFUSED (TIME)" },
        LogLine { level: Level::Debug1, text: "Approval failure for {user}" },
    ],
    page: "The account's login class in login.conf does not allow a login from this host or at this time.

## What it means
On the BSDs an account belongs to a login class. The class can name hosts and hours that are let
in or kept out.

## Why sshd refuses
sshd asks the class after its own user and group lists, and treats a no like an unknown account.
The tests of host and time came with 9.9.

## How to see it
sshd says it at DEBUG1 alone:
```
Denied connection for alice from client.example [198.51.100.7].
LOGIN alice REFUSED (TIME)
Approval failure for alice
```
Raise it for a moment with `LogLevel DEBUG1`, and look at the class:
```
grep -n -A15 '^staff' /etc/login.conf
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Ask the administrator whether hosts and hours are meant.
- Correct `host.allow`, `host.deny`, `times.allow`, `times.deny`, then run
  `cap_mkdb /etc/login.conf`.

## Pitfalls
- Editing login.conf without `cap_mkdb` changes nothing on FreeBSD: the database is read.
- The server's time zone counts.
- Linux has no login classes; pam_access and pam_time do that work there.
",
};
