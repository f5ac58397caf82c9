//! `rc-file-exit`

use crate::prelude::*;

/// The cause `rc-file-exit`.
pub static CAUSE: Cause = Cause {
    id: "rc-file-exit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "a start-up file of {user} ends or disturbs the session: {path}",
    rule: "sshd runs ~/.ssh/rc or /etc/ssh/sshrc, then the shell its own files; text on standard output breaks sftp and scp",
    note: "the key is accepted",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "have the file do nothing in sessions that are not interactive: no exit, no exec, no output",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "get in past the shell's start-up files to mend them",
            commands: &["ssh -t -- {user}@{to} /bin/sh"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "A start-up file of the account (.bashrc, .profile, ~/.ssh/rc) ends the session or spoils it with output.

## What it means
The key was accepted. What runs before the shell or command is the account's own script, and it
stops the session: an `exit`, an `exec`, an error, a wait.

## Why sshd refuses
It does not. sshd runs ~/.ssh/rc, or /etc/ssh/sshrc where there is none, and then the login shell,
which reads its own files even for single commands in some shells.

## How to see it
The session ends with the status of the script, or sftp and scp say:
```
Received message too long 1416128883
Ensure the remote shell produces no output for non-interactive sessions.
```
PuTTY: `Access granted`, then the window closes. sshd logs a plain `Accepted publickey` and the
end of the session. Try without the files:
```
ssh -t alice@server /bin/sh
sftp -s internal-sftp alice@server
ssh alice@server /bin/true | od -c
```
The last prints nothing when all is well.

## Mend
- Guard such lines: `case $- in *i*) ;; *) return ;; esac` at the top of .bashrc.
- Correct the files from another way in, as root or by sftp.

## Pitfalls
- With bash, `ssh alice@server command` reads .bashrc, though no terminal is there.
- `exec fish` or `exec zsh` locks out when that program is removed.
- A quota or full disk stops scripts in the same place.
- ~/.ssh/rc is skipped with `PermitUserRC no` and `no-user-rc`, and has to run xauth itself for
  X11.
",
};
