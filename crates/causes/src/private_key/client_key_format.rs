//! `client-key-format`

use crate::prelude::*;

/// The cause `client-key-format`.
pub static CAUSE: Cause = Cause {
    id: "client-key-format",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "the client cannot read {path}: {reason}",
    rule: "a private key has to be whole, and in a format that this client knows",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "look what the file is",
            commands: &["sshwhy key show -- {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "repair it, into a new file",
            commands: &["sshwhy key repair --output {path}.repaired -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Load key: error in libcrypto, or: `invalid format`. The private key's file cannot be read.

## What it means
The file is damaged, cut, saved with a mark or with Windows line ends by an editor, lacks its last
line end, or is of another format.

## Why sshd refuses
If a .pub lies beside it, the offer is made and may be accepted; then nothing can sign. Otherwise
the key is never offered.

## How to see it
OpenSSH: `Load key \"id\": error in libcrypto`, `Load key \"id\": invalid format`. PuTTY: `Unable to load key
file \"id.ppk\" (file format error)`, `Unable to use key file \"x\" (not a recognised key file format)`.
```
sshwhy key show id_ed25519
```

## Mend
- `sshwhy key repair` mends line ends, missing last lines and what was pasted around the key.
- Otherwise take the file again from where it was made, in binary mode.

## Pitfalls
- From CI systems: a secret in an environment variable loses its line ends.
- Since OpenSSH 8.8 with OpenSSL 3 the message is `error in libcrypto`, before it `invalid format`.
",
};
