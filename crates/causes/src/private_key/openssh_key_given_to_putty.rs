//! `openssh-key-given-to-putty`

use crate::prelude::*;

/// The cause `openssh-key-given-to-putty`.
pub static CAUSE: Cause = Cause {
    id: "openssh-key-given-to-putty",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} is OpenSSH's format, which PuTTY does not read",
    rule: "PuTTY and plink read PPK files",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Person,
        text: "convert it",
        commands: &["sshwhy key convert --to ppk --output {path}.ppk -- {path}"],
        safety: Safety::Neutral,
    }],
    log: &[],
    page: "Unable to use key file (OpenSSH SSH-2 private key). PuTTY wants a .ppk.

## What it means
The key was made by ssh-keygen or by a cloud's console (.pem), and PuTTY was given that file.

## Why sshd refuses
It never sees the key.

## How to see it
`Unable to use key file \"id_rsa\" (OpenSSH SSH-2 private key (old PEM format))`, or `(new format)`.

## Mend
- PuTTYgen: Load (all files), then Save private key. Or `sshwhy key convert --to ppk`.

## Pitfalls
- The public half on the server stays as it is.
- Write version 2 for programs of before 2021.
",
};
