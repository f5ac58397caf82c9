//! `keys-file-writable`

use crate::prelude::*;

/// The cause `keys-file-writable`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {path}: {who} can write to it",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take the write bit of others off the file",
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
            text: "Authentication refused: bad ownership or modes for file {path}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} must be owned by user or root, and not writable by group or others",
        },
    ],
    page: r#""Authentication refused: bad ownership or modes for file …/authorized_keys": the key file can be written by somebody else.

## What it means

The group or everyone may write to the key file. Each of them could add a key of their own and log in.

## Why sshd refuses

With `StrictModes yes` the file must belong to the user or root, and carry no write bit for group or others. Otherwise sshd ignores the whole file.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for file /home/NAME/.ssh/authorized_keys`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Ignored authorized keys: bad ownership or modes for file …` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `ls -l ~/.ssh/authorized_keys`

## Mend

- As the account: `chmod go-w ~/.ssh/authorized_keys`; 0600 is the usual mode, 0644 works too.

## Pitfalls

- Debian and Ubuntu allow group write where the group is the user's own and has no other member; OpenSSH as released, RHEL, Arch, Alpine and macOS do not. The same tree can work on one and fail on the other.
- sshd names only the first offender, from the file outwards. With this one mended the next may show: look at the whole path.
- Read permission for others does no harm here: the file holds public keys.
- Look at the keys in the file before you trust it again: others could write to it.
- Dropbear makes the same check, with no StrictModes to switch it off and with no allowance for private groups: `/home/NAME/.ssh/authorized_keys must be owned by user or root, and not writable by group or others`.
"#,
};
