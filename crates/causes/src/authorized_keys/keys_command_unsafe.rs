//! `keys-command-unsafe`

use crate::prelude::*;

/// The cause `keys-command-unsafe`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-unsafe",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not run AuthorizedKeysCommand {path_command}: {path} is not root's alone",
    rule: "the program and each directory above it must belong to root and be writable by nobody else",
    note: "found {mode}, owner {owner}, group {group}",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make root the owner, and take the write bit of others off",
        commands: &["chown -h -- root {path}", "chmod go-w -- {path}"],
        safety: Safety::Tightens,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Unsafe AuthorizedKeysCommand \"{path_command}\": bad ownership or modes for {what} {path}",
    }],
    page: r#""Unsafe AuthorizedKeysCommand: bad ownership or modes": sshd does not run the program that gives the keys.

## What it means

The program, or a directory above it, belongs to somebody other than root, or can be written by group or others. Whoever could change it could log in as anyone.

## Why sshd refuses

sshd runs AuthorizedKeysCommand only if the file and each directory up to `/` belong to root and are writable by root alone.

## How to see it

- sshd, LogLevel INFO: `Unsafe AuthorizedKeysCommand "/PATH/PROGRAM": bad ownership or modes for file …` (or `for directory …`)
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `namei -l /PATH/PROGRAM`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- As root: `chown root PATH` and `chmod go-w PATH` for each path that is named.

## Pitfalls

- The path in the message is the real one, with links followed.
- `/opt` or `/usr/local` that belong to an admin group are frequent offenders.
- The rule holds whatever StrictModes says; Debian's allowance for private groups helps only where the group is root's own.
- With the command refused, sshd still reads AuthorizedKeysFile: some accounts may log in, and that hides it.
"#,
};
