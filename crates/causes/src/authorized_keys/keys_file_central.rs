//! `keys-file-central`

use crate::prelude::*;

/// The cause `keys-file-central`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-central",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{user} may not read the central key file {path}",
    rule: "{keyword} {value} ({origin}); sshd opens it as {user}, not as root",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let {user} read it and pass the directories above it",
            commands: &["setfacl -m u:{user}:rX -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or let everyone read it: the file holds public keys, though it also tells who may log in and from where",
            commands: &["chmod o+rX -- {path}"],
            safety: Safety::Weakens,
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
    page: r#"A central key file (AuthorizedKeysFile /etc/ssh/keys/%u) is there, and "Permission denied": the user may not read it.

## What it means

The key files of all accounts stand in a directory of root's. sshd opens each of them with the rights of the account that logs in, and the modes there let only root in.

## Why sshd refuses

sshd takes the user's uid and groups before it opens the file. A directory with mode 0700 or a file with mode 0600 that belongs to root is closed to the user, so there are no keys.

## How to see it

- sshd 9.1 and later, LogLevel INFO: `Could not open user 'NAME' authorized keys '/etc/ssh/keys/NAME': Permission denied`. With OpenSSH 10.0 and later a closed *directory* leaves no line.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `namei -l /etc/ssh/keys/NAME`

## Mend

- `setfacl -m u:NAME:rX /etc/ssh/keys/NAME`, and directories with mode 0711 or 0755.
- Or `chmod o+r FILE`: public keys are no secret, but who may log in and from where can then be read by all accounts.

## Pitfalls

- Owner must be root or the user, and nobody else may write to the file or to any directory up to `/`: StrictModes holds here as well.
- `chown NAME FILE` would let users change their own list of keys, which a central place is meant to prevent.
- The file is called as the account is, `%u`, or as its number, `%U` (OpenSSH 7.8 and later).
"#,
};
