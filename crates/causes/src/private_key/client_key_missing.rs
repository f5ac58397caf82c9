//! `client-key-missing`

use crate::prelude::*;

/// The cause `client-key-missing`.
pub static CAUSE: Cause = Cause {
    id: "client-key-missing",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "there is no private key at {path}",
    rule: "a client offers the keys of the files that are there",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "name the file that is there, or make the key",
            commands: &["ls -l -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "no such identity: No such file or directory. The key file that the client is told to use does not exist.

## What it means
The path is mistyped, relative to another folder, or belongs to another user or machine.

## Why sshd refuses
The key is never offered.

## How to see it
OpenSSH: `Warning: Identity file id.pem not accessible: No such file or directory.` and `no such identity:
/home/alice/.ssh/x: No such file or directory`. PuTTY: `Unable to use key file \"x.ppk\" (unable to open file)`.

## Mend
- Give the whole path; `~` is expanded in ssh_config, and in double quotes of a shell it is not.

## Pitfalls
- sudo ssh looks for the keys of root.
- `type -1` in `ssh -v` beside `identity file` means that the file is not there, or is no public key: for
  the default names that is no fault.
",
};
