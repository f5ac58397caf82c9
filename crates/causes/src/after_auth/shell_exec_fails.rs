//! `shell-exec-fails`

use crate::prelude::*;

/// The cause `shell-exec-fails`.
pub static CAUSE: Cause = Cause {
    id: "shell-exec-fails",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the login shell of {user}, {path}, is there and cannot be run: {reason}",
    rule: "sshd has changed to {user} and the kernel does not start the program",
    note: "the key is accepted; the client reads the shell's path and the kernel's reason",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give {user} a shell that runs",
            commands: &["usermod -s /bin/sh -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or mend the program: the loader or libraries it needs, the mount option noexec, the right machine type",
            commands: &["file -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: r#"The login shell exists but the kernel cannot run it, so the session ends at once.

## What it means
The key was accepted, and sshd became the user. Starting the shell then failed.

## Why sshd refuses
The test before the login looks for a file with an execute bit. It does not notice a missing
loader or library, another machine type, a `noexec` mount, a script without `#!`, or a bit that is
not for this user.

## How to see it
The path and the kernel's reason reach the client:
```
/opt/bin/bash: Permission denied
/opt/bin/bash: No such file or directory
/opt/bin/bash: Exec format error
```
The exit status is 1. PuTTY: `Access granted`, then the window closes. sshd logs a plain
`Accepted publickey`. As root:
```
file -- /opt/bin/bash
ldd /opt/bin/bash
findmnt -T /opt/bin/bash
su - alice -c true
```

## Mend
- `usermod -s /bin/sh -- alice`, or mend the program that the shell needs.

## Pitfalls
- "No such file" for a file that is there means its loader, or the `#!` program of a script.
- Each directory above the shell needs its x bit for the user.
- SELinux and AppArmor can forbid it with the right modes in place; look into the audit log.
- All accounts with that shell are hit; keep root's shell a plain one.
"#,
};
