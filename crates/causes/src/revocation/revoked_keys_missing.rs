//! `revoked-keys-missing`

use crate::prelude::*;

/// The cause `revoked-keys-missing`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-missing",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of revoked keys, {file}, and refuses every key: {reason}",
    rule: "{keyword} {value} ({origin}); sshd reads it as root",
    note: "no account of this server can log in by key until the file is back",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "restore the file from where it is kept",
            commands: &["ls -ld -- {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "if no key was ever revoked here, an empty file is a list that revokes nothing; ask the administrator first, for a lost list lets revoked keys in again",
            commands: &["( umask 022 && : > {file} )"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}",
        },
    ],
    page: r#""Error checking authentication key … in revoked keys file: No such file or directory": every key is refused.

## What it means

RevokedKeys names a file, and sshd cannot read it. It was deleted, moved, or is on a volume that is not mounted.

## Why sshd refuses

A key that cannot be checked counts as refused. So nobody can log in by key, on no account, while the file is away.

## How to see it

- sshd, LogLevel INFO: `Error checking authentication key ED25519 SHA256:… in revoked keys file /etc/ssh/revoked_keys: No such file or directory`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i revokedkeys`, and `ls -l` on that path.

## Mend

- Restore the file; sshd reads it at each login, no reload is needed.
- If nothing was ever revoked, an empty file will do: ask the administrator, for a lost list lets revoked keys in again.

## Pitfalls

- `sshd -t` does not look whether the file exists: a new RevokedKeys line can lock everybody out.
- Keep a session open, and put the file there before the line.
- Directories on the way count too; sshd reads as root, so modes hardly matter, SELinux may.
- Tools that write the file anew should write to another name and rename.
"#,
};
