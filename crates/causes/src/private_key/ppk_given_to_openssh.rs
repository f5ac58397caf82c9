//! `ppk-given-to-openssh`

use crate::prelude::*;

/// The cause `ppk-given-to-openssh`.
pub static CAUSE: Cause = Cause {
    id: "ppk-given-to-openssh",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "{path} is PuTTY's format, which OpenSSH does not read",
    rule: "OpenSSH reads its own format and PEM; a PPK is neither",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "convert it",
            commands: &["sshwhy key convert --to openssh --output {path}.openssh -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Load key: error in libcrypto, or `invalid format`: the file is a PPK, and the program is OpenSSH.

## What it means
The key was made with PuTTYgen and saved as .ppk; ssh, git, scp, Ansible and most libraries cannot
read that.

## Why sshd refuses
It never sees the key.

## How to see it
The first line of the file is `PuTTY-User-Key-File-2: ssh-rsa` or with a 3.

## Mend
- PuTTYgen: Conversions > Export OpenSSH key. Or `puttygen x.ppk -O private-openssh -o x`.

## Pitfalls
- The public half need not be changed on the server: it is the same key.
",
};
