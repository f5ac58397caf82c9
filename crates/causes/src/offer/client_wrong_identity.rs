//! `client-wrong-identity`

use crate::prelude::*;

/// The cause `client-wrong-identity`.
pub static CAUSE: Cause = Cause {
    id: "client-wrong-identity",
    stage: Stage::Offer,
    seen: Seen::QueryRefused,
    title: "{user} may have been offered another key than the one that is listed",
    rule: "sshd compares the key that is offered; whichever file the client took decides",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "compare the fingerprint of the key that was offered with that of the listed one",
            commands: &["ssh-keygen -lf {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the key that the server takes, {other_fingerprint}, and no other",
            commands: &["ssh -o IdentitiesOnly=yes -i {other_path} {user}@{host}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "choose the key that the server takes, {other_putty_path}, in PuTTY: Connection > SSH > Auth > Credentials (Auth before 0.78), Private key file",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The client offers another key than the one that was put on the server: id_rsa instead of id_ed25519, the key of another account.

## What it means
There are several keys, and the one that the client chose is not the one whose public half was given
to the administrator.

## Why sshd refuses
The key that it sees is not listed for this account.

## How to see it
```
ssh -v alice@server 2>&1 | grep Offering
```
On the server: `ssh-keygen -lf ~/.ssh/authorized_keys`. The fingerprints have to meet.

## Mend
- Name the key: `ssh -i ~/.ssh/that_key -o IdentitiesOnly=yes alice@server`.
- In PuTTY: Connection > SSH > Auth > Credentials (Auth before 0.78), Private key file.

## Pitfalls
- `-i x.pub` chooses a key of the agent, and offers nothing where the agent does not hold it.
- A forge takes the first key that it knows, which may be another account's or a deploy key.
",
};
