//! `home-missing-or-unmounted`

use crate::prelude::*;

/// The cause `home-missing-or-unmounted`.
pub static CAUSE: Cause = Cause {
    id: "home-missing-or-unmounted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{user}'s home directory {home} is not there, so neither are its keys",
    rule: "{keyword} {value} ({origin}) leads into the home directory",
    note: "it may only be unmounted: do not make an empty directory in its place before that is known",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see whether it should be mounted (autofs, NFS, an encrypted or systemd-homed home), and mount it",
            commands: &["getent passwd -- {user}", "findmnt -T {home}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "for homes that open only after a login: keep the keys outside, as in AuthorizedKeysFile /etc/ssh/authorized_keys/%u .ssh/authorized_keys",
            commands: &[],
            safety: Safety::Neutral,
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
    ],
    page: r#"The key worked while I was logged in, and is refused after a reboot: the home directory is not mounted.

## What it means

The home directory that the account database names is not there. It may be on NFS or autofs, encrypted, made by systemd-homed, or never made at all.

## Why sshd refuses

authorized_keys lies in the home by default. While the home is away, sshd finds no file, and so no key.

## How to see it

- sshd at DEBUG1: `Could not open user 'NAME' authorized keys '…': No such file or directory`; OpenSSH 10.0 and later log nothing.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `getent passwd NAME`, `ls -ld HOME`, `findmnt -T HOME`

## Mend

- Mount it, and see why it was not mounted: `systemctl status autofs`, `/etc/fstab`, the encrypted volume.
- For homes that open only with a login (ecryptfs, systemd-homed, fscrypt): keep the keys outside, `AuthorizedKeysFile /etc/ssh/authorized_keys/%u .ssh/authorized_keys`.
- If the home was never made: `mkhomedir_helper NAME`, as root.

## Pitfalls

- An empty directory made in its place hides the mount and collects files.
- The first login by password mounts the home; keys then work until it is unmounted. That pattern points here.
- autofs mounts on access, but only if its server answers.
"#,
};
