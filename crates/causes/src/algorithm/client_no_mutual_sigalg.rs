//! `client-no-mutual-sigalg`

use crate::prelude::*;

/// The cause `client-no-mutual-sigalg`.
pub static CAUSE: Cause = Cause {
    id: "client-no-mutual-sigalg",
    stage: Stage::Algorithm,
    seen: Seen::NotOnTheWire,
    title: "this client and the server have no signature algorithm in common for {path}",
    rule: "the client signs with what it allows and the server names in server-sig-algs",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer a key of another type, such as Ed25519",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the client, where it can sign RSA with SHA-1 alone",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "send_pubkey_test: no mutual signature algorithm. The client does not offer the key, because the server takes no signature that it would make.

## What it means
An RSA key, and one side knows SHA-1 alone while the other does not take it any more.

## Why sshd refuses
It is not asked; it would refuse the algorithm.

## How to see it
`ssh -v`: `send_pubkey_test: no mutual signature algorithm`.
```
ssh -vv alice@server 2>&1 | grep server-sig-algs
```

## Mend
- An Ed25519 key; or an sshd of 7.2 or later, where the server is the old one.
- For one old server alone: `PubkeyAcceptedAlgorithms +ssh-rsa` in its Host block weakens this login.

## Pitfalls
- The RSA key itself is fine; what is old is the hash in its signature.
",
};
