//! `shell-nologin`

use crate::prelude::*;

/// The cause `shell-nologin`.
pub static CAUSE: Cause = Cause {
    id: "shell-nologin",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the login shell of {user} is one that says no and exits",
    rule: "sshd asks only that the shell exists and can be run; {shell} is such a program",
    note: "the key is accepted; sftp with internal-sftp and port forwarding (ssh -N) work all the same",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may have a shell; if so, give it one",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "if only forwarding is wanted, ask for no shell",
            commands: &["ssh -N -- {user}@{to}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Other,
            text: "Attempted login by {user} (UID: {uid}) on {found}",
        },
        LogLine {
            level: Level::Other,
            text: "Attempted login by {user} on {found}",
        },
    ],
    page: r#"The account's shell is nologin or false: the key is accepted and the session ends ("This account is currently not available.").

## What it means
The account is not meant for shells. Its login shell is a program that says so, or says nothing,
and exits.

## Why sshd refuses
It does not. nologin is a program with an execute bit, so the account passes, the key is accepted,
and nologin runs.

## How to see it
```
This account is currently not available.
Connection to server closed.
```
The exit status is 1. PuTTY: `Access granted`, then the window closes. sshd logs
`Accepted publickey`, and nologin may add `Attempted login by alice (UID: 2001) on /dev/pts/0`.
```
getent passwd alice
```

## Mend
- Ask the administrator whether the account may have a shell, then
  `usermod -s /bin/bash -- alice`.
- For file transfer alone: `ForceCommand internal-sftp` works with nologin as shell.
- For forwarding alone: `ssh -N` needs no shell.

## Pitfalls
- Commands are run by the shell too: `ssh alice@server command` says the same.
- `git`, `rsync` and sftp with the external sftp-server fail likewise.
- nologin as a shell does not shut the account off: forwarding and internal-sftp still work.
- Dropbear refuses such an account before the login, since nologin is not in /etc/shells.
"#,
};
