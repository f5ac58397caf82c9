//! `privsep-dir-missing`

use crate::prelude::*;

/// The cause `privsep-dir-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-dir-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd cannot serve: its empty directory {path} is missing or not safe",
    rule: "sshd locks its unprivileged part into {path}, which has to be root's own and not writable by others",
    note: "nobody can log in, whatever the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the directory as sshd wants it: root's own, mode 0755",
            commands: &["mkdir -p -- {path}", "chown root:root -- {path}", "chmod 755 -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "Missing privilege separation directory: {path}" },
        LogLine { level: Level::Info, text: "{path} must be owned by root and not group or world-writable." },
    ],
    page: "sshd cannot serve because its privilege separation directory, often /run/sshd, is missing or not safe.

## What it means
sshd's unprivileged part locks itself into an empty directory before it talks to a client.
The directory is part of the build: `/run/sshd` on Debian and Ubuntu, `/var/empty` or
`/usr/share/empty.sshd` elsewhere.

## Why sshd refuses
The directory has to exist, belong to root and not be writable by group or others. Otherwise sshd
ends at start-up; up to 9.7 the check runs in each connection too.

## How to see it
```
Missing privilege separation directory: /run/sshd
/run/sshd must be owned by root and not group or world-writable.
```
`/usr/sbin/sshd -t` prints the same. `ls -ld /run/sshd` shows mode and owner.
The client reads `Connection refused`, or
`kex_exchange_identification: Connection closed by remote host`.

## Mend
```
mkdir -p -- /run/sshd
chown root:root -- /run/sshd
chmod 755 -- /run/sshd
```
Under systemd the unit makes it (`RuntimeDirectory=sshd`), so `systemctl restart sshd` does too.

## Pitfalls
- `/run` is empty after each start. In containers and WSL, where no unit runs, make the directory
  in the start script.
- With several sshd units, stopping one may remove the directory of all:
  `RuntimeDirectoryPreserve=yes` keeps it.
- Cleaners of temporary files may take it away under a running daemon.
",
};
