//! `client-passphrase-wrong`

use crate::prelude::*;

/// The cause `client-passphrase-wrong`.
pub static CAUSE: Cause = Cause {
    id: "client-passphrase-wrong",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "the passphrase does not open {path}",
    rule: "the private half stays closed, so that nothing can sign",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "try the passphrase on the file alone",
            commands: &["sshwhy key show -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "incorrect passphrase supplied to decrypt private key. The key file is encrypted, and this passphrase does not open it.

## What it means
The passphrase is another one, or the keyboard's layout is, or the file was damaged, which looks the
same.

## Why sshd refuses
It waits for a signature that never comes.

## How to see it
OpenSSH: `Load key \"id\": incorrect passphrase supplied to decrypt private key`. PuTTY: `Wrong passphrase`.
```
ssh-keygen -y -f id_ed25519
```

## Mend
- A passphrase cannot be recovered: make a new key, and list it.

## Pitfalls
- It is the passphrase of the key, not the password of the account.
- In an encrypted PPK each damage shows as a wrong passphrase.
",
};
