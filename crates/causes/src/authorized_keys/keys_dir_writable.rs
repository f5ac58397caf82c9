//! `keys-dir-writable`

use crate::prelude::*;

/// The cause `keys-dir-writable`.
pub static CAUSE: Cause = Cause {
    id: "keys-dir-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {who} can write to the directory {path}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take the write bit of others off the directory",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "as root: {path} belongs to {foreign_owner}, so {user} cannot change its mode",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Authentication refused: bad ownership or modes for directory {path}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} must be owned by user or root, and not writable by group or others",
        },
    ],
    page: r#""Authentication refused: bad ownership or modes for directory /home/NAME/.ssh": the .ssh directory can be written by somebody else.

## What it means

A directory between the home and the key file, mostly `.ssh`, can be written by the group or by everyone. They could replace `authorized_keys` by a file of theirs.

## Why sshd refuses

With `StrictModes yes` each directory from the file up to the home must belong to the user or root, and carry no write bit for group or others. Otherwise sshd ignores the file before it compares any key.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for directory /home/NAME/.ssh`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Ignored authorized keys: bad ownership or modes for directory /home/NAME/.ssh` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `ls -ld ~/.ssh`

## Mend

- As the account: `chmod go-w ~/.ssh`; 0700 is the usual mode.

## Pitfalls

- Debian and Ubuntu allow group write where the group is the user's own and has no other member; OpenSSH as released, RHEL, Arch, Alpine and macOS do not. The same tree can work on one and fail on the other.
- sshd names only the first offender, from the file outwards. With this one mended the next may show: look at the whole path.
- If `authorized_keys` is a link out of the home, its real place counts: `.ssh` itself is then not checked.
- umask 002 and `cp -r` from a shared drive make such directories.
- Dropbear makes the same check, with no StrictModes to switch it off and with no allowance for private groups: `/home/NAME/.ssh must be owned by user or root, and not writable by group or others`.
"#,
};
