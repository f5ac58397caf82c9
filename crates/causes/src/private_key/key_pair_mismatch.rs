//! `key-pair-mismatch`

use crate::prelude::*;

/// The cause `key-pair-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "key-pair-mismatch",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "the two halves in {path} are not of one key",
    rule: "a signature by one key does not verify with another",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "take the private key again from where it was made",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The private and the public half that the client holds do not belong together.

## What it means
The file was put together from two, or one half was damaged.

## Why sshd refuses
It accepts the offer of the public half, if that is listed, and then finds that the signature is
another key's.

## How to see it
```
sshwhy key show id_ed25519
```
PuTTY: `Server refused public-key signature despite accepting key!`; OpenSSH: `private key ... contents do
not match public`.

## Mend
- Copy the key again, or make a new one and list it.

## Pitfalls
- An encrypted file shows its public half without the passphrase; the comparison needs the
passphrase.
",
};
