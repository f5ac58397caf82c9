//! `shell-not-listed`

use crate::prelude::*;

/// The cause `shell-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-listed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {shell}, is not in /etc/shells, and Dropbear refuses such accounts",
    rule: "Dropbear asks getusershell(), that is /etc/shells",
    note: "OpenSSH does not read /etc/shells; the same account may log in there",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that is listed",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or list {shell} in /etc/shells: ask the administrator, other services take the list as the sign of a real login",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User '{user}' has invalid shell, rejected",
    }],
    page: r#"Dropbear refuses the account because its shell is not in /etc/shells ("has invalid shell, rejected").

## What it means
Dropbear lets in only accounts whose shell is on the system's list of login shells. This one is
not on it.

## Why sshd refuses
Dropbear asks getusershell() before it looks at a key. Where /etc/shells is missing, the C
library's own short list counts.
OpenSSH does not ask for the list.

## How to see it
Dropbear logs:
```
User 'alice' has invalid shell, rejected
```
Compare:
```
getent passwd alice
cat /etc/shells
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- `usermod -s /bin/sh -- alice`, a shell that is listed.
- Or add the path to /etc/shells, after asking the administrator.

## Pitfalls
- nologin and /bin/false are refused before the login here, while OpenSSH lets the key in and then
  shows the farewell.
- On OpenWrt a newly installed bash has to be added to /etc/shells by hand.
- FTP servers and chsh read the list too: adding a path opens more than SSH.
"#,
};
