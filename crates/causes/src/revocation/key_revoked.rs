//! `key-revoked`

use crate::prelude::*;

/// The cause `key-revoked`.
pub static CAUSE: Cause = Cause {
    id: "key-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "the key is revoked: {file} lists it",
    rule: "{keyword} {value} ({origin})",
    note: "somebody has taken the key out of use; it may be in wrong hands",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "ask the administrator why it was revoked; make a new pair and have its public half added",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Authentication key {short_type} {other_fingerprint} revoked by file {file}",
        },
        LogLine {
            level: Level::Info,
            text: "WARNING: revoked key for {user} attempted authentication",
        },
    ],
    page: r#""Authentication key … revoked by file": the key is on the server's list of revoked keys.

## What it means

RevokedKeys names a list of keys that may not be used any more, and this key is on it. Somebody took it out of use.

## Why sshd refuses

sshd asks this list before it looks into authorized_keys. A key on it is refused for every account, whatever the files say.

## How to see it

- sshd, LogLevel INFO: `Authentication key ED25519 SHA256:… revoked by file /etc/ssh/revoked_keys`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i revokedkeys`
- On the server: `ssh-keygen -Q -f FILE KEY.pub` says whether a KRL holds the key.

## Mend

- Ask the administrator why it was revoked.
- Make a new pair, `ssh-keygen -t ed25519`, and have its public half added.

## Pitfalls

- A revoked key may be in wrong hands: do not ask for its return to use before that is clear.
- A KRL can revoke by serial, key ID or hash: the key need not be visible in it.
- A certificate is refused if its key, its serial or its CA is listed.
- Dropbear has no such list.
"#,
};
