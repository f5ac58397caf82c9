//! `key-compromised-p521-putty`

use crate::prelude::*;

/// The cause `key-compromised-p521-putty`.
pub static CAUSE: Cause = Cause {
    id: "key-compromised-p521-putty",
    stage: Stage::PrivateKey,
    seen: Seen::Nothing,
    title: "{path} is a P-521 key: used with PuTTY 0.68 to 0.80 it is no secret any more",
    rule: "CVE-2024-31497: about sixty signatures of those versions reveal the private key",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new key, list it everywhere, and take this one out of every authorized_keys",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "An ECDSA P-521 key that was used with PuTTY or Pageant 0.68 to 0.80 can be computed from its signatures (CVE-2024-31497).

## What it means
Those versions chose the nonces of P-521 signatures with nine bits that are always zero.

## Why sshd refuses
It does not: this is a warning. Whoever holds sixty signatures can log in.

## How to see it
```
sshwhy key show x.ppk
```

## Mend
- Generate an Ed25519 key, put it on the servers, remove the old one.

## Pitfalls
- A new version of PuTTY does not make the old key secret again.
- WinSCP, FileZilla and TortoiseGit had the same code.
",
};
