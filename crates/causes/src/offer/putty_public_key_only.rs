//! `putty-public-key-only`

use crate::prelude::*;

/// The cause `putty-public-key-only`.
pub static CAUSE: Cause = Cause {
    id: "putty-public-key-only",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "{path} is a public key alone: PuTTY can offer it only through an agent that holds it",
    rule: "with a public key file PuTTY chooses a key of the agent; without such a one nothing can sign",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "give PuTTY the private key, the file that ends in .ppk",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or start Pageant and add the .ppk there",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Key file contains public key only. PuTTY was given the public half, and no agent holds the private one.

## What it means
The file that is set as private key file is the public one, as \"Save public key\" of PuTTYgen writes
it.

## Why sshd refuses
It never sees the key. There is no line \"Server refused our key\".

## How to see it
Event log: `Key file contains public key only`, then `No supported authentication methods available (server
sent: publickey)`.

## Mend
- Choose the .ppk in Connection > SSH > Auth > Credentials (Auth before 0.78).
- Or Pageant: its symbol in the tray > Add Key.

## Pitfalls
- With Pageant holding the key, a public file is a good way to choose among its keys.
",
};
