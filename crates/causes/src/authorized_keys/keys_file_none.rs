//! `keys-file-none`

use crate::prelude::*;

/// The cause `keys-file-none`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-none",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd reads no key file for {user}: AuthorizedKeysFile is none",
    rule: "{keyword} {value} ({origin})",
    note: "keys may come from AuthorizedKeysCommand or as certificates instead; this is somebody's decision",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator where keys are kept on this server (AuthorizedKeysCommand, a directory service, certificates), and put the key there",
            commands: &[
                "sshd -T -C user={user},host={from},addr={from} | grep -i -e authorizedkeys -e trustedusercakeys",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, if the administrator agrees to keys in files, set AuthorizedKeysFile .ssh/authorized_keys at {origin}, then check and reload",
            commands: &["sshd -t && systemctl reload {unit}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[],
    page: r#"AuthorizedKeysFile none: this server reads no authorized_keys file.

## What it means

The word `none` switches key files off, for all or for the accounts of a Match block. Keys may come from AuthorizedKeysCommand, or as certificates.

## Why sshd refuses

sshd skips `none` and has no other file to look into.

## How to see it

- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile` prints `none` (OpenSSH 10.3 and later: nothing).
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.

## Mend

- Ask the administrator where keys are kept: a directory service, a command, certificates.
- If files are meant to be read: `AuthorizedKeysFile .ssh/authorized_keys`, `sshd -t`, reload.

## Pitfalls

- It is somebody's decision, on hosts whose accounts come from a directory: files would be a second way in that nobody watches.
- From OpenSSH 10.3 on `none` must stand alone; before, `none` beside other names was skipped.
- Look for a Match block: the global value may be another.
"#,
};
