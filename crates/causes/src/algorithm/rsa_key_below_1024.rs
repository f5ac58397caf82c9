//! `rsa-key-below-1024`

use crate::prelude::*;

/// The cause `rsa-key-below-1024`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-below-1024",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the RSA key is shorter than 1024 bits, and OpenSSH cannot use it",
    rule: "it has {bits} bits; RSA keys under 1024 cannot be read since OpenSSH 7.6, whatever the settings",
    note: "such a key can be broken with little effort",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "make a new key, have its public half listed for {user}, and take the old one out everywhere",
        commands: &["ssh-keygen -t ed25519"],
        safety: Safety::Tightens,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "parse key: Invalid key length",
    }],
    page: r#"The RSA key has fewer than 1024 bits, which OpenSSH cannot use at all ("parse key: Invalid key length").

## What it means
Since 7.6 OpenSSH does not read RSA keys below 1024 bits. No setting of client or server changes
that.

## Why sshd refuses
The key is turned away while it is being read, before any list or file is asked.

## How to see it
```
userauth_pubkey: parse key: Invalid key length [preauth]
```
The length of a key: `ssh-keygen -lf FILE`; an OpenSSH client prints `Invalid key length` for such
a file itself.
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Make a new key: `ssh-keygen -t ed25519`, list its public half, and take the old one out of every
  authorized_keys.

## Pitfalls
- Keys of 512 and 768 bits have been factored: treat the old key as known to others.
- Old routers and appliances may make only short keys; see whether their firmware can do more.
- 1024 bits pass this gate and fail the next one where RequiredRSASize is higher.
"#,
};
