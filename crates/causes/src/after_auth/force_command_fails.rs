//! `force-command-fails`

use crate::prelude::*;

/// The cause `force-command-fails`.
pub static CAUSE: Cause = Cause {
    id: "force-command-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the forced command of {user} fails, and the session ends with it",
    rule: "{origin}: {command}",
    note: "the key is accepted; what the client asks for never runs; the command's status: {status}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "run the command as {user} by hand and mend what it complains of",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "set the command right at {origin}: a full path, a program that {user} may run",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "A forced command runs in place of the shell and fails, so the session ends at once.

## What it means
ForceCommand, or `command=` on the key's line, sets what runs. That program is missing, may not be
run, or ends with an error.

## Why sshd refuses
It does not: the key was accepted. The session ends because its one program ended.

## How to see it
The client gets the program's own message and status:
```
bash: line 1: /usr/local/bin/menu: No such file or directory
Connection to server closed.
```
`echo $?` on the client then shows 127 (not found), 126 (may not be run) or the program's own
number. PuTTY: `Access granted`, then the window closes.
sshd names the command at VERBOSE:
```
Starting session: forced-command (config) '/usr/local/bin/menu' for alice from 198.51.100.7 port 40000 id 0
```
As root: `su - alice -c '/usr/local/bin/menu'`.

## Mend
- Mend the program, its path or its rights, so that this user can run it.
- Or correct the setting where it stands and reload.

## Pitfalls
- The command runs by the account's login shell: with nologin as shell it says its farewell
  instead.
- `ForceCommand` takes the rest of the line, so a comment behind it becomes part of the command.
- Without a terminal, programs that ask questions end at once.
- Inside a chroot the command is looked for there.
",
};
