//! `keys-file-not-regular`

use crate::prelude::*;

/// The cause `keys-file-not-regular`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-not-regular",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{path} is {found}, not a regular file",
    rule: "sshd reads keys from regular files alone",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "move it away and make a regular file in its place",
            commands: &[
                "[ -f {path} ] || mv -- {path} {path}.old",
                "[ -e {path} ] || {{ ( umask 077 && : >> {path} ) && chown -- {user}: {path}; }}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "then add the key as one line",
            commands: &["printf '%s\\n' {line_to_add} >> {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "User '{user}' authorized keys '{file}' is not a regular file",
        },
        LogLine {
            level: Level::Info,
            text: "User {user} authorized keys {file} is not a regular file",
        },
    ],
    page: r#""User 'NAME' authorized keys '…' is not a regular file": authorized_keys is a directory, a pipe or a device.

## What it means

The path that sshd opens is no plain file. Often somebody ran `mkdir -p ~/.ssh/authorized_keys`, or a link points at `/dev/null`.

## Why sshd refuses

sshd reads keys from regular files alone, so that a pipe or device cannot make it wait.

## How to see it

- sshd, at LogLevel INFO: `User 'NAME' authorized keys '/home/NAME/.ssh/authorized_keys' is not a regular file`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `stat -L ~/.ssh/authorized_keys`

## Mend

- `mv ~/.ssh/authorized_keys ~/.ssh/authorized_keys.old`, then make a file of that name with the key in it, mode 0600.

## Pitfalls

- A link to `/dev/null` may be there on purpose, to keep keys out: ask whoever set it.
- If it was a directory, the key may lie in it as a file: look before you remove anything.
- In containers, a bind mount of a file that did not exist on the host makes a directory.
"#,
};
