//! `key-line-private-key`

use crate::prelude::*;

/// The cause `key-line-private-key`.
pub static CAUSE: Cause = Cause {
    id: "key-line-private-key",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a private key: the server needs the public key alone",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "a private key that lay on a server is no secret any more: make a new pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new pair, and put its public half, one line, into {file}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the private key from {file}, from BEGIN to END, and from every copy of the file",
            commands: &[],
            safety: Safety::Tightens,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A private key was put into authorized_keys on the server.

## What it means

The file holds `-----BEGIN OPENSSH PRIVATE KEY-----` or a like block. The private key belongs on the client and nowhere else; the server needs the public one.

## Why sshd refuses

sshd wants one line for each public key, and skips every line of the block.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "PRIVATE KEY" ~/.ssh/authorized_keys`

## Mend

- Make a new pair on the client: `ssh-keygen -t ed25519`.
- Put the `.pub` line of the new pair into authorized_keys, and remove the block.
- Take the old public key out wherever else it is trusted.

## Pitfalls

- An unencrypted key that lay on a server, in its backups or in a chat is no secret any more, even after it is removed.
- Copies stay behind: `authorized_keys~`, `.swp`, shell history, backups.
- `.pub` is the half to copy: `id_ed25519.pub`, not `id_ed25519`.
"#,
};
