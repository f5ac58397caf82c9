//! `ppk-damaged-or-wrong-passphrase`

use crate::prelude::*;

/// The cause `ppk-damaged-or-wrong-passphrase`.
pub static CAUSE: Cause = Cause {
    id: "ppk-damaged-or-wrong-passphrase",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} does not open: the passphrase is wrong, or the file is damaged",
    rule: "in an encrypted PPK one check covers both",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "try the passphrase with PuTTYgen, and with another copy of the file",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[],
    page: "Wrong passphrase. In an encrypted PPK a damage looks the same.

## What it means
The MAC of an encrypted PPK is computed with the passphrase: whether that or the file is wrong
cannot be told.

## Why sshd refuses
It waits for a signature that never comes.

## How to see it
PuTTY asks again and again: `Wrong passphrase`.

## Mend
- Another copy of the file, or a new key.

## Pitfalls
- A comment that was edited by hand is a damage, too.
",
};
