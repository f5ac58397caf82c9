//! `shell-not-executable`

use crate::prelude::*;

/// The cause `shell-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-executable",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the login shell of {user}, {path}, is not a program that may be run",
    rule: "the shell has to be a regular file with an execute bit; its mode is {mode}",
    note: "every key of {user} is refused at the query, as if the account were unknown",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that can be run",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or make the shell executable again, if the file is what it claims to be",
            commands: &["chmod a+x -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} not allowed because shell {path} is not executable",
    }],
    page: r#"The account's login shell is not a program that can be run ("shell ... is not executable").

## What it means
The path exists, and is a directory, a device or a file without any execute bit.

## Why sshd refuses
Before it compares keys, sshd wants a regular file with at least one execute bit. Otherwise the
account counts as unknown. The test is skipped where ChrootDirectory applies.

## How to see it
```
User alice not allowed because shell /bin/bash is not executable
```
Check:
```
getent passwd alice
ls -lL /bin/bash
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- `usermod -s /bin/sh -- alice`, or `chmod a+x -- /bin/bash` if the file is the real shell.

## Pitfalls
- /dev/null as a shell is refused here; /bin/false and nologin are programs and pass (see
  `shell-nologin`).
- sshd looks for any execute bit, not whether this account may use it: a shell with mode 0700 of
  root passes here and fails later (`shell-exec-fails`).
- A `chmod -R` that went too far takes more than this shell; look at its neighbours.
"#,
};
