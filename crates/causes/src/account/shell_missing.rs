//! `shell-missing`

use crate::prelude::*;

/// The cause `shell-missing`.
pub static CAUSE: Cause = Cause {
    id: "shell-missing",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {path}, does not exist",
    rule: "sshd refuses an account whose shell is not there, before it looks at a key",
    note: "every key of {user} is refused at the query, as if the account were unknown",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that exists",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or install the shell {path}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} not allowed because shell {path} does not exist",
    }],
    page: r#"The account's login shell does not exist on this machine ("shell ... does not exist").

## What it means
/etc/passwd, or the directory service, names a program that is not installed here: /bin/zsh,
/usr/local/bin/bash, /usr/bin/fish.

## Why sshd refuses
Before it compares keys, sshd looks whether the shell is there. If it is not, the account counts
as unknown. The test is skipped where ChrootDirectory applies.

## How to see it
```
User alice not allowed because shell /bin/zsh does not exist
```
Check:
```
getent passwd alice
ls -l /bin/zsh
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- `usermod -s /bin/sh -- alice`, or install the shell under that very path.

## Pitfalls
- With LDAP the shell comes from the directory: change it there, or override it (`override_shell`
  of SSSD).
- Removing a shell's package locks out whoever uses it; keep a second way in before you do.
- An empty field means /bin/sh.
- Dropbear asks /etc/shells instead: `User 'alice' has invalid shell, rejected`.
"#,
};
