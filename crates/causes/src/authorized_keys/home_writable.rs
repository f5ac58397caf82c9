//! `home-writable`

use crate::prelude::*;

/// The cause `home-writable`.
pub static CAUSE: Cause = Cause {
    id: "home-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {who} can write to {path}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "take the write bit of others off the home directory",
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
    page: r#""Authentication refused: bad ownership or modes for directory /home/NAME": the home directory can be written by somebody else.

## What it means

The group or everyone has write permission on the home directory. Whoever can write there can rename `.ssh` and put another in its place, so the key file in it proves nothing.

## Why sshd refuses

With `StrictModes yes` (the default) sshd checks the opened key file and each directory above it, up to and including the home directory. Each must belong to the user or root, and carry no write bit for group or others (`mode & 022`). One failure, and the whole file is ignored before any key is compared.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for directory /home/NAME`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Ignored authorized keys: bad ownership or modes for directory /home/NAME` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `namei -l /home/NAME/.ssh/authorized_keys` prints owner and mode of every step.

## Mend

- As the account: `chmod go-w ~`
- If a group has to write in there, give it a directory of its own below the home or elsewhere.

## Pitfalls

- Debian and Ubuntu allow group write where the group is the user's own and has no other member; OpenSSH as released, RHEL, Arch, Alpine and macOS do not. The same tree can work on one and fail on the other.
- sshd names only the first offender, from the file outwards. With this one mended the next may show: look at the whole path.
- `StrictModes no` hides the symptom for every account, and leaves the hole: whoever can write there can put a key in.
- The sticky bit does not help: 1777 is refused too. `chmod -R 777` is how many homes got here.
- Dropbear makes the same check, with no StrictModes to switch it off and with no allowance for private groups: `/home/NAME must be owned by user or root, and not writable by group or others`.
"#,
};
