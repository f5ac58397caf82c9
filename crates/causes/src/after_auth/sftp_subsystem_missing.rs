//! `sftp-subsystem-missing`

use crate::prelude::*;

/// The cause `sftp-subsystem-missing`.
pub static CAUSE: Cause = Cause {
    id: "sftp-subsystem-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd has no sftp subsystem that works",
    rule: "Subsystem sftp ({origin}): {reason}",
    note: "the key is accepted; shells work, sftp and new scp do not",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "offer sftp with Subsystem sftp internal-sftp at {origin}, which needs no program on disk, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "copy with the old protocol meanwhile (OpenSSH client): scp -O",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "subsystem request for {found} by user {user} failed, subsystem not found",
        },
        LogLine {
            level: Level::Info,
            text: "subsystem: cannot stat {path}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "subsystem request for {found} by user {user}",
        },
    ],
    page: r#"The server has no working sftp subsystem ("subsystem request failed on channel 0").

## What it means
The key was accepted. sftp, and scp since 9.0, ask for the subsystem `sftp`; sshd_config names
none, or a program that is not there.

## Why sshd refuses
Only subsystems named by a Subsystem line are started. Shells and commands do not need one and
work.

## How to see it
```
subsystem request failed on channel 0
Connection closed.
```
WinSCP: `Cannot initialize SFTP protocol. Is the host running an SFTP server?`; psftp:
`Fatal: unable to initialise SFTP`. sshd logs:
```
subsystem request for sftp by user alice failed, subsystem not found
subsystem: cannot stat /usr/lib/openssh/sftp-server: No such file or directory
```
```
/usr/sbin/sshd -T | grep -i subsystem
```

## Mend
- `Subsystem sftp internal-sftp` in sshd_config needs no file. Check and reload.
- Meanwhile: `scp -O` (the old protocol), or the SCP protocol in WinSCP.

## Pitfalls
- The path differs: /usr/lib/openssh/sftp-server (Debian), /usr/libexec/openssh/sftp-server
  (RHEL), /usr/lib/ssh/sftp-server (SUSE, Alpine).
- Copying sshd_config between distributions brings the wrong path along.
- Two Subsystem lines of one name stop sshd up to 9.4.
- Dropbear has no sftp of its own; it runs OpenSSH's sftp-server if that is installed.
"#,
};
