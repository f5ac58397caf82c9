//! `keys-file-dangling-symlink`

use crate::prelude::*;

/// The cause `keys-file-dangling-symlink`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dangling-symlink",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{path} is a link to {target}, and no file is at its end",
    rule: "sshd follows links, and finds nothing at the end of this one",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "bring {target} back (mount it, restore it), if it is only away",
            commands: &["ls -ld -- {path} {target}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or replace the link by a file of the account's own, then add the key",
            commands: &[
                "[ ! -h {path} ] || mv -- {path} {path}.old",
                "[ -e {path} ] || {{ ( umask 077 && : >> {path} ) && chown -- {user}: {path}; }}",
            ],
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
    page: r#"authorized_keys is a symbolic link whose target does not exist, so sshd finds no keys.

## What it means

The link is there, and what it points to is not: the target was moved, or its file system is not mounted, or the path is right only on another machine.

## Why sshd refuses

sshd follows links. At the end of this one there is no file, which is the same as no authorized_keys.

## How to see it

- sshd at DEBUG1: `Could not open user 'NAME' authorized keys '…': No such file or directory`; OpenSSH 10.0 and later log nothing.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ls -l ~/.ssh/authorized_keys` and `namei -l ~/.ssh/authorized_keys`

## Mend

- Bring the target back: mount it, or restore it.
- Or replace the link by a file of its own with the key in it.

## Pitfalls

- A relative link counts from the directory it stands in.
- When the target is back, StrictModes checks its real place, up to `/` if it lies outside the home.
- Dotfile managers that link `.ssh` break all logins when their store moves.
"#,
};
