//! `chroot-no-shell`

use crate::prelude::*;

/// The cause `chroot-no-shell`.
pub static CAUSE: Cause = Cause {
    id: "chroot-no-shell",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "there is no {shell} inside the chroot {path}, so the session of {user} ends at once",
    rule: "ChrootDirectory {value} ({origin}); the shell is looked for inside it",
    note: "the key is accepted; an account for file transfer alone needs ForceCommand internal-sftp",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for file transfer alone: ForceCommand internal-sftp beside ChrootDirectory at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for shells: put {shell} and the libraries it needs (ldd shows them) below {path}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: r#"The chroot has no shell inside, so a shell session ends at once ("/bin/bash: No such file or directory").

## What it means
The user is locked into a directory, and the login shell's path is looked for inside it. There is
none.

## Why sshd refuses
sshd has changed its root and cannot start the program. It was never meant for shells, or the
shell's files were not copied.

## How to see it
```
/bin/bash: No such file or directory
Connection to server closed.
```
The exit status is 1. PuTTY: `Access granted`, then the window closes. sshd logs the login and, at
VERBOSE, `Changed root directory to "/srv/sftp/alice"`.
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -iE 'chrootdirectory|forcecommand'
ls -l /srv/sftp/alice/bin/bash
```

## Mend
- For file transfer: `ForceCommand internal-sftp`, which needs no files in the chroot.
- For shells: the shell, its libraries (`ldd /bin/bash`), /dev/null and the like below the chroot.

## Pitfalls
- The message is the same where the shell is there and its loader or a library is missing.
- `Subsystem sftp /usr/lib/openssh/sftp-server` needs that program inside the chroot;
  internal-sftp does not.
- The test of the shell before the login is skipped under ChrootDirectory, so nothing warns.
"#,
};
