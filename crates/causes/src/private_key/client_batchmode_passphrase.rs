//! `client-batchmode-passphrase`

use crate::prelude::*;

/// The cause `client-batchmode-passphrase`.
pub static CAUSE: Cause = Cause {
    id: "client-batchmode-passphrase",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} is encrypted, and the client may not ask for its passphrase",
    rule: "without a terminal, or in batch mode, a client passes over a key that needs a passphrase",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "add the key to an agent first",
            commands: &["ssh-add -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The key has a passphrase, and nobody is there to type it: BatchMode yes, -batch, cron, a service.

## What it means
The client offers the key; when it is to sign it cannot ask, and gives up.

## Why sshd refuses
It waits for a signature that never comes.

## How to see it
OpenSSH: `read_passphrase: can't open /dev/tty`, or no word after `Server accepts key`. plink: `Cannot
answer interactive prompts in batch mode`.

## Mend
- An agent that holds the key; or a key of its own for the job, without a passphrase, with `restrict` and
  `command=` in its authorized_keys line.

## Pitfalls
- cron and systemd services know nothing of SSH_AUTH_SOCK unless it is set for them.
",
};
