//! `key-line-ssh1`

use crate::prelude::*;

/// The cause `key-line-ssh1`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ssh1",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds an SSH-1 key: no sshd since OpenSSH 7.4 reads those",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "make a new pair, and put its public half, one line, into {file}",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A line like "1024 35 1234567…" in authorized_keys is an SSH-1 key, which no current server reads.

## What it means

The line holds numbers: bits, exponent, modulus. That was the form of SSH protocol 1.

## Why sshd refuses

Protocol 1 was switched off in OpenSSH 7.0 and removed from the server in 7.4. sshd skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -nE "^[0-9]+ [0-9]+ [0-9]{50}" ~/.ssh/authorized_keys`

## Mend

- Make a new pair on the client, `ssh-keygen -t ed25519`, and put the `.pub` line in.

## Pitfalls

- Such a key is short and old: do not convert it.
- PuTTYgen writes this form with "SSH-1 (RSA)" chosen: choose EdDSA.
- The file `identity.pub` is an SSH-1 key.
"#,
};
