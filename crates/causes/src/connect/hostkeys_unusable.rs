//! `hostkeys-unusable`

use crate::prelude::*;

/// The cause `hostkeys-unusable`.
pub static CAUSE: Cause = Cause {
    id: "hostkeys-unusable",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd has no host key that it can use, so it serves nobody",
    rule: "sshd needs one private host key that it can read and that only its owner can read",
    note: "no user's key is at fault; nobody can log in",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the rights of group and others from the host key",
            commands: &["chmod go-rwx -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the host keys that are missing (existing ones are left alone), check, and start sshd",
            commands: &[
                "ssh-keygen -A",
                "/usr/sbin/sshd -t",
                "systemctl restart {unit}",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "sshd: no hostkeys available -- exiting.",
        },
        LogLine {
            level: Level::Info,
            text: "Unable to load host key: {path}",
        },
        LogLine {
            level: Level::Info,
            text: r#"Unable to load host key "{path}": {reason}"#,
        },
        LogLine {
            level: Level::Info,
            text: "Could not load host key: {path}",
        },
        LogLine {
            level: Level::Info,
            text: "Permissions {mode} for '{path}' are too open.",
        },
        LogLine {
            level: Level::Info,
            text: "no hostkeys",
        },
        LogLine {
            level: Level::Info,
            text: "No hostkeys available. 'dropbear -R' may be useful or run dropbearkey.",
        },
    ],
    page: r#"sshd has no private host key that it can load ("no hostkeys available"), so it ends or serves nobody.

## What it means
The host key proves the server to its clients. Without one no key exchange can take place.
The files `/etc/ssh/ssh_host_*_key` are missing, damaged, or open to others.

## Why sshd refuses
A private host key whose mode gives group or others any right is ignored, like a user's private
key.
If no key remains, sshd ends at start-up, and up to 9.7 in each new connection too.

## How to see it
```
sshd: no hostkeys available -- exiting.
Permissions 0644 for '/etc/ssh/ssh_host_ed25519_key' are too open.
Unable to load host key: /etc/ssh/ssh_host_ed25519_key
```
Check as root with `/usr/sbin/sshd -t` and `ls -l /etc/ssh/ssh_host_*_key`.
The client reads `Connection refused`, or
`kex_exchange_identification: Connection closed by remote host`.

## Mend
- Close the mode: `chmod 600 -- /etc/ssh/ssh_host_*_key`, owner root.
- Make missing keys: `ssh-keygen -A`. It leaves existing ones alone.
- Then `/usr/sbin/sshd -t` and `systemctl restart sshd`.

## Pitfalls
- New host keys make every client warn that the host's identification has changed. Restore old
  keys from a backup where you can.
- Cloud images and containers remove host keys on purpose, so that copies do not share them; make
  them at first start.
- On RHEL and Fedora the group `ssh_keys` with mode 0640 is tolerated by a patch; elsewhere it is
  too open.
"#,
};
