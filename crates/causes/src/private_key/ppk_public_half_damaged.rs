//! `ppk-public-half-damaged`

use crate::prelude::*;

/// The cause `ppk-public-half-damaged`.
pub static CAUSE: Cause = Cause {
    id: "ppk-public-half-damaged",
    stage: Stage::PrivateKey,
    seen: Seen::QueryRefused,
    title: "the public half in {path} is damaged, and PuTTY offers it as it is",
    rule: "PuTTY looks at the MAC only after the server has accepted the offer",
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
            text: "or write it anew from its private half",
            commands: &["sshwhy key repair --output {path}.repaired -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Server refused our key, because the public lines of the PPK are damaged and another key is offered.

## What it means
The lines below Public-Lines were changed. What PuTTY offers is a key that nobody has.

## Why sshd refuses
That key is not listed.

## How to see it
```
sshwhy key show x.ppk
```
On the server at LogLevel VERBOSE: `Failed publickey for alice` with a fingerprint that is not the key's.

## Mend
- Copy the file again in binary mode.

## Pitfalls
- Nothing in PuTTY's window tells it from any other refusal.
",
};
