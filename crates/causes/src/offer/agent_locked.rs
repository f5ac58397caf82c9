//! `agent-locked`

use crate::prelude::*;

/// The cause `agent-locked`.
pub static CAUSE: Cause = Cause {
    id: "agent-locked",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the agent at {path} is locked: it shows no key and signs nothing",
    rule: "a locked agent answers every list with none and every request with a failure, until it is unlocked",
    note: "to a client it looks like an agent without keys",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "unlock it with the passphrase it was locked with",
            commands: &["sshwhy agent unlock"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or end it and start a new one, if the passphrase is lost; then add the keys from their files",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The agent is locked (ssh-add -x), so it shows no keys: The agent has no identities.

## What it means
Somebody locked the agent with `ssh-add -x`, `sshwhy agent lock`, or a screen saver did. Until it is
unlocked it answers as if it were empty.

## Why sshd refuses
sshd never hears of the key: the client asked the agent and got an empty list.

## How to see it
```
sshwhy agent list
ssh-add -l
```
ssh-add says `The agent has no identities.`; adding a key says `Could not add identity \"...\": agent
refused operation`. An empty agent takes a key, a locked one does not: that tells them apart.

## Mend
- `ssh-add -X` or `sshwhy agent unlock`, with the same passphrase.
- A lost passphrase ends with the agent: start another one, and add the keys again.

## Pitfalls
- Each wrong passphrase makes the next try slower.
- Keys whose lifetime ends meanwhile are gone when it is unlocked.
",
};
