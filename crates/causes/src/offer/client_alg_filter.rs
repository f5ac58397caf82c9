//! `client-alg-filter`

use crate::prelude::*;

/// The cause `client-alg-filter`.
pub static CAUSE: Cause = Cause {
    id: "client-alg-filter",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "this client does not offer {path}: its PubkeyAcceptedAlgorithms leave {algorithm} out",
    rule: "the client, too, has a list of signature algorithms, and passes over keys that need others",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer a key of a modern type, such as Ed25519",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or allow it for this host alone: PubkeyAcceptedAlgorithms +{algorithm} in ~/.ssh/config",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[],
    page: "Skipping key: not in PubkeyAcceptedAlgorithms. The client's own list keeps this key back.

## What it means
A key of an old type, as ssh-dss or an RSA key that may sign with SHA-1 alone, is not offered,
because the client's list does not name it.

## Why sshd refuses
It is not asked about this key.

## How to see it
`ssh -v`: `Skipping ssh-dss key /home/alice/.ssh/id_dsa - corresponding algo not in PubkeyAcceptedAlgorithms`
(`not in PubkeyAcceptedKeyTypes` before 8.5).
```
ssh -G server | grep -i pubkeyaccepted
```

## Mend
- Make an Ed25519 key, and list it on the server.

## Pitfalls
- Fedora and RHEL set the list by crypto policy: `update-crypto-policies --show`.
- `+` adds to the list; without it the list is replaced.
",
};
