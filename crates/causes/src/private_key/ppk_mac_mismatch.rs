//! `ppk-mac-mismatch`

use crate::prelude::*;

/// The cause `ppk-mac-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "ppk-mac-mismatch",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} was changed after it was written: its MAC does not fit",
    rule: "PuTTY loads no PPK whose MAC does not cover what stands in the file",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "take the file again from where it was made",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or look which line was changed",
            commands: &["sshwhy key show -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Unable to load private key (MAC failed). The PPK was edited or damaged.

## What it means
A byte of the file differs from what PuTTYgen wrote: the comment, a letter of the key, the version.

## Why sshd refuses
The public half is offered without a look at the MAC, and may be accepted; then PuTTY cannot sign.

## How to see it
`Unable to load private key (MAC failed)`, after `Offer of public key accepted`.

## Mend
- Copy it again. A comment is changed in PuTTYgen, not in an editor.

## Pitfalls
- In an encrypted file the same damage reads `Wrong passphrase`.
",
};
