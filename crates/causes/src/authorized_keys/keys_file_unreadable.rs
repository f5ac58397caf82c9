//! `keys-file-unreadable`

use crate::prelude::*;

/// The cause `keys-file-unreadable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-unreadable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd cannot read {user}'s authorized_keys with {user}'s rights: {reason} at {path}",
    rule: "sshd opens {file} as the user (euid, egid and groups of {user}), not as root",
    note: "the modes of the file itself may be right where a directory above it is closed",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where {path} is meant to be {user}'s own: make it so, with the right that is missing",
            commands: &["chown -h -- {user} {path}", "chmod u+rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "where {user} owns {path} already, the mode alone is enough",
            commands: &["chmod u+rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or let {user} alone read {path}, where its owner is to stay",
            commands: &["setfacl -m u:{user}:rX -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
    ],
    page: r#""Could not open user 'NAME' authorized keys: Permission denied": sshd may not read the key file as the user.

## What it means

sshd reads authorized_keys with the rights of the account, not as root. Here the file has no read permission for the account, or a directory on the way has no x for it.

## Why sshd refuses

A file that cannot be opened holds no keys. The usual way to get there: root made `.ssh` or the file (`sudo mkdir`, `sudo cp`) and left it root's with mode 0700 or 0600.

## How to see it

- sshd 9.1 and later, LogLevel INFO: `Could not open user 'NAME' authorized keys '…': Permission denied`; earlier ones at DEBUG1: `Could not open authorized keys '…': Permission denied`.
- OpenSSH 10.0 and later: nothing at any level when it is a *directory* that cannot be passed.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server, as root: `su -s /bin/sh -c 'head -c0 "$0"' NAME /home/NAME/.ssh/authorized_keys`

## Mend

- As root: `chown -h NAME PATH` and `chmod u+rX PATH` for each path of the user's own.
- For a file that is to stay another's: `setfacl -m u:NAME:r FILE` and `setfacl -m u:NAME:x DIRECTORY`.

## Pitfalls

- A file that root can read proves nothing: test as the user.
- On Kerberised NFS there is no ticket yet when sshd reads; use local keys or AuthorizedKeysCommand.
- If all modes are right, look at SELinux (`ausearch -m avc -c sshd`) and AppArmor.
- `chmod 600` on a directory closes it: directories need x.
"#,
};
