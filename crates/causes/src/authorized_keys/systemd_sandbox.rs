//! `systemd-sandbox`

use crate::prelude::*;

/// The cause `systemd-sandbox`.
pub static CAUSE: Cause = Cause {
    id: "systemd-sandbox",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "systemd hides {path} from sshd",
    rule: "{found} ({file}:{line})",
    note: "the path is there for everyone but sshd, which runs in its own view of the file system",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "keep the keys outside the hidden path, as in AuthorizedKeysFile /etc/ssh/authorized_keys/%u, then check and reload",
            commands: &["sshd -t && systemctl reload {unit}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether the setting may go for sshd's unit: its sessions run inside it too",
            commands: &["systemctl edit {unit}", "systemctl restart {unit}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
    ],
    page: r#"sshd under systemd cannot see /home: ProtectHome and the like hide authorized_keys.

## What it means

The unit of sshd has a setting such as `ProtectHome=`, `InaccessiblePaths=`, `TemporaryFileSystem=` or `RootDirectory=`. In the unit's view of the file system the path is empty or closed.

## Why sshd refuses

sshd looks for the file in its own view, and there it is missing or unreadable.

## How to see it

- On the server: `systemctl cat ssh.service` (or `sshd.service`) and `systemctl show -p ProtectHome,InaccessiblePaths,TemporaryFileSystem ssh.service`
- `nsenter -t PID -m ls -ld /home`, as root, with the PID of the running sshd, shows what it sees.
- sshd at DEBUG1, or at INFO for a closed path: `Could not open user 'NAME' authorized keys '…': No such file or directory` (or `Permission denied`)
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.

## Mend

- Keep the keys where sshd can see them: `AuthorizedKeysFile /etc/ssh/authorized_keys/%u`.
- Or have the administrator override the setting with `systemctl edit ssh.service`, then `systemctl restart ssh.service`.

## Pitfalls

- Sessions inherit the view: with the home hidden, a login that works has no home either.
- A running sshd keeps the old view until it is restarted; reload is not enough.
- A socket-activated sshd uses another unit: `ssh@.service`.
- Started by hand (`/usr/sbin/sshd -d`) the same configuration works, which misleads.
"#,
};
