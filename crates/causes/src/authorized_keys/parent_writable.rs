//! `parent-writable`

use crate::prelude::*;

/// The cause `parent-writable`.
pub static CAUSE: Cause = Cause {
    id: "parent-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores {user}'s authorized_keys: {who} can write to {path}, a directory above it outside the home",
    rule: "StrictModes {strictmodes} ({strictmodes_origin})",
    note: "the file is reached outside the home directory, so each directory up to / counts; the key may be fine",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the write bit of others off {path}; ask first who works in it",
            commands: &["chmod {clear} -- {path}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or keep the key file in the home directory, as a file of its own and not as a link to a shared place",
            commands: &[],
            safety: Safety::Neutral,
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
    page: r#""bad ownership or modes for directory /srv" (or /opt, /, …): a directory above the key file, outside the home, can be written by somebody else.

## What it means

The key file lies outside the home directory, by AuthorizedKeysFile or because a link leads there. Some directory on its real path can be written by the group or by everyone.

## Why sshd refuses

For a file under the home, sshd stops its check at the home. For a file elsewhere it goes on up to `/`, and each directory must belong to root or the user and be writable by nobody else.

## How to see it

- sshd, at LogLevel INFO: `Authentication refused: bad ownership or modes for directory /srv/keys`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Ignored authorized keys: bad ownership or modes for directory /srv/keys` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `namei -l "$(realpath ~/.ssh/authorized_keys)"`

## Mend

- As root: `chmod go-w DIRECTORY`, after asking who works in it.
- Or keep the key file in the home, as a file and not as a link.

## Pitfalls

- The path in the log is the real path, with every link followed; it can look unfamiliar.
- A directory *above the home* is never checked for files under the home: `/home` with mode 0777 is no cause.
- Debian's allowance for private groups holds here too, but only for a group of which the user is the one member.
- `StrictModes no` hides the symptom for every account, and leaves the hole: whoever can write there can put a key in.
"#,
};
