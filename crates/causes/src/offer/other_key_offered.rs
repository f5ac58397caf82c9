//! `other-key-offered`

use crate::prelude::*;

/// The cause `other-key-offered`.
pub static CAUSE: Cause = Cause {
    id: "other-key-offered",
    stage: Stage::Offer,
    seen: Seen::QueryRefused,
    title: "the client offers {fingerprint}, and the keys listed for {user} are others",
    rule: "sshd compares whole keys; {file} lists {other_fingerprint} at line {line}",
    note: "a key of the same comment or file name is not the same key",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the key that is listed, {other_fingerprint}, and no other: ssh -o IdentitiesOnly=yes -i its private file",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or list the key that is offered, once its owner confirms the fingerprint {fingerprint}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The client offers a key, and the server knows other keys of this user: a different key is being used.

## What it means
Both ends are in order, and they talk about different keys. Often an old pair, a key of the same
name from another machine, or the first key of the agent.

## Why sshd refuses
sshd compares the whole public key. Comments and file names play no part.

## How to see it
Compare fingerprints. What the client offers:
```
ssh -v alice@server 2>&1 | grep Offering
ssh-add -l
```
What the server lists, and what it was offered (LogLevel VERBOSE):
```
ssh-keygen -lf ~alice/.ssh/authorized_keys
Failed publickey for alice from 198.51.100.7 port 40000 ssh2: ED25519 SHA256:...
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`, after
`Offered public key`.

## Mend
- Offer the key that is listed: `ssh -o IdentitiesOnly=yes -i ~/.ssh/that_key alice@server`.
- Or list the offered key with `ssh-copy-id -i`, by another way in, once its owner confirms the
  fingerprint.

## Pitfalls
- ssh offers agent keys first; six refused ones end the connection before the right one comes.
- A `.pub` file beside a private key may belong to another pair: `ssh-keygen -y -f` shows the
  truth.
- PuTTY with a key file set tries no other key of Pageant.
- `sudo ssh` uses root's keys and not yours.
",
};
