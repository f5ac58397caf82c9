//! `wrong-owner`

use crate::prelude::*;

/// The cause `wrong-owner`.
pub static CAUSE: Cause = Cause {
    id: "wrong-owner",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {path} belongs to {owner}",
    rule: "StrictModes {strictmodes} ({strictmodes_origin}); files and directories on the way must belong to root or to {user}",
    note: "this stopped the search in {file} before any key was compared; the key may be fine",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "make {user} the owner of {path}",
        commands: &["chown -h -- {user} {path}"],
        safety: Safety::Tightens,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Authentication refused: bad ownership or modes for {what} {path}",
        },
        LogLine {
            level: Level::Info,
            text: "{path} must be owned by user or root, and not writable by group or others",
        },
    ],
    page: r#""Authentication refused: bad ownership or modes": the key file or a directory above it belongs to another account.

## What it means

The key file, `.ssh` or the home belongs to neither the account nor root. The owner could change the keys at will, whatever the mode says.

## Why sshd refuses

With `StrictModes yes` the file and each directory up to the home (up to `/` for a file outside) must belong to root or to the user who logs in. Otherwise the file is ignored.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for file …` or `… for directory …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Ignored authorized keys: bad ownership or modes for …` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `namei -l ~/.ssh/authorized_keys` and `id -u NAME`; numbers in place of names tell of an account that is gone.

## Mend

- As root: `chown -h NAME PATH` for the path in the log, and for each other path on the way that belongs to a stranger.

## Pitfalls

- After a restored backup, a copied disk or a recreated account the names agree and the numbers do not: compare `ls -n` with `id -u`.
- Before `chown` on a file look at `stat -c %h FILE`: a file with several links may be another's file too; make a fresh copy instead.
- The group that owns the path has no weight, only its write bit.
- Files owned by root are fine, as long as the user may read them.
- Dropbear makes the same check, with no StrictModes to switch it off and with no allowance for private groups: `PATH must be owned by user or root, and not writable by group or others`.
"#,
};
