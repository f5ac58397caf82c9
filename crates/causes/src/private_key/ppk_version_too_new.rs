//! `ppk-version-too-new`

use crate::prelude::*;

/// The cause `ppk-version-too-new`.
pub static CAUSE: Cause = Cause {
    id: "ppk-version-too-new",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} is a PPK of a version that this program does not read",
    rule: "PPK version 3 came with PuTTY 0.75; what is older knows version 2 alone",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "write it as version 2",
        commands: &["sshwhy key convert --to ppk2 --output {path}.v2.ppk -- {path}"],
        safety: Safety::Neutral,
    }],
    log: &[],
    page: "PuTTY key format too new. The key file is version 3, and the program reads version 2.

## What it means
A newer PuTTYgen wrote the file than the PuTTY, WinSCP, FileZilla or library that is to read it.

## Why sshd refuses
It never sees the key.

## How to see it
`Unable to use key file \"x.ppk\" (PuTTY key format too new)`. The first line of the file:
`PuTTY-User-Key-File-3: ssh-ed25519`.

## Mend
- Take a PuTTY of 0.75 or later; or in PuTTYgen: Key > Parameters for saving key files > PPK file
version 2.

## Pitfalls
- Changing the digit in the first line does not help: the file's MAC covers more.
",
};
