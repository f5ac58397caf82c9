//! `weak-key`

use crate::prelude::*;

/// The cause `weak-key`.
pub static CAUSE: Cause = Cause {
    id: "weak-key",
    stage: Stage::PrivateKey,
    seen: Seen::Nothing,
    title: "{path} is a weak key: {reason}",
    rule: "a key that is short or of an old type is refused by more and more servers",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "make an Ed25519 key, and list it",
        commands: &["sshwhy key generate --type ed25519 --output {path}.new"],
        safety: Safety::Neutral,
    }],
    log: &[],
    page: "The key is weaker than what servers of today ask for: RSA below 2048 bits, DSA.

## What it means
The key works on some servers, and newer ones refuse it, or will.

## Why sshd refuses
It may not: this is a warning.

## How to see it
```
ssh-keygen -lf id_rsa.pub
sshwhy key show id_rsa
```

## Mend
- Generate a new key, put it beside the old one on the servers, then remove the old one.

## Pitfalls
- RequiredRSASize of sshd and of ssh both count.
",
};
