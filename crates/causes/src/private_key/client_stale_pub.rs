//! `client-stale-pub`

use crate::prelude::*;

/// The cause `client-stale-pub`.
pub static CAUSE: Cause = Cause {
    id: "client-stale-pub",
    stage: Stage::PrivateKey,
    seen: Seen::QueryRefused,
    title: "{path} is not the public half of the private key beside it",
    rule: "a client may offer what the .pub says, and cannot sign for it",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "write the right public half",
            commands: &["ssh-keygen -y -f {file}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The .pub beside the private key is an old one, of another key; OpenSSH offers what the .pub says.

## What it means
The private key was made or copied anew, and the .pub was left.

## Why sshd refuses
It is offered the old key, which is not listed, or it gets a signature that does not verify.

## How to see it
```
ssh-keygen -lf id_ed25519.pub
ssh-keygen -yf id_ed25519 | ssh-keygen -lf -
```
The two fingerprints differ.

## Mend
- `ssh-keygen -y -f id_ed25519 > id_ed25519.pub`

## Pitfalls
- The administrator may have been given the old .pub: compare what is listed, too.
",
};
