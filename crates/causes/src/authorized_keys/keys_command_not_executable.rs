//! `keys-command-not-executable`

use crate::prelude::*;

/// The cause `keys-command-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-not-executable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{other_user} cannot run AuthorizedKeysCommand {path}",
    rule: "{keyword} {value} ({origin})",
    note: "the execute bit, a #! line, its interpreter, the right to pass every directory above it: each may be missing",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let {other_user} run it; it must stay root's and writable by root alone",
            commands: &["setfacl -m u:{other_user}:rx -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see what running it says",
            commands: &["su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or let everyone read and run it, if it holds no secret such as a password for a directory service",
            commands: &["chmod a+rx -- {path}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand {command} failed, status 127",
        },
        LogLine {
            level: Level::Info,
            text: "Unsafe AuthorizedKeysCommand \"{command}\": {file} is not a regular file",
        },
    ],
    page: r#""AuthorizedKeysCommand … failed, status 127": the program cannot be run by AuthorizedKeysCommandUser.

## What it means

The program exists, and the account that is to run it cannot: no execute bit, a directory it may not pass, no `#!` line, or an interpreter that is missing. Or it is a directory or a device instead of a file.

## Why sshd refuses

sshd runs the program as AuthorizedKeysCommandUser, not as root. Status 127 is what sshd's child ends with when it cannot start it.

## How to see it

- sshd, LogLevel INFO: `AuthorizedKeysCommand /PATH/PROGRAM NAME failed, status 127`; of a directory or a device: `Unsafe AuthorizedKeysCommand "/PATH/PROGRAM": /PATH/PROGRAM is not a regular file`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `su -s /bin/sh -c 'exec "$0" "$1"' RUNUSER /PATH/PROGRAM NAME; echo "status $?"` and `namei -l /PATH/PROGRAM`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- `setfacl -m u:RUNUSER:rx PROGRAM`, and x on each directory above it; root stays the only one who may write. `chmod a+rx PROGRAM` does it too, if no secret stands in the program.
- Scripts need a first line such as `#!/bin/sh`.

## Pitfalls

- A script with CRLF line ends looks for an interpreter called `/bin/sh\r`.
- A program that calls a command which is missing also ends with 127.
- On a file system mounted noexec nothing runs.
- SELinux may forbid sshd to run it: `ausearch -m avc -c sshd`.
"#,
};
