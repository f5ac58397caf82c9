//! `client-agent-constraint`

use crate::prelude::*;

/// The cause `client-agent-constraint`.
pub static CAUSE: Cause = Cause {
    id: "client-agent-constraint",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the agent keeps {fingerprint} for other destinations: {allowed}",
    rule: "a key that was added with ssh-add -h is shown and used towards these hosts alone",
    note: "the agent learns the host from a client of OpenSSH 8.9 or later; other clients cannot use such a key",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "add the key again with this host among its destinations, if it is meant to be used there",
            commands: &["sshwhy agent add -h {target} -- {file}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The key in the agent is restricted to certain hosts (ssh-add -h), and this host or this way is not among them.

## What it means
The key was added with destination constraints. The agent shows and uses it only when ssh proves
that the connection goes to a host named there, along a way named there.

## Why sshd refuses
sshd never hears of the key, or gets no signature: the agent answers with a failure.

## How to see it
```
sshwhy agent list
ssh -v alice@server 2>&1 | grep -i agent
```
ssh says `sign_and_send_pubkey: signing failed for ED25519 \"...\" from agent: agent refused
operation`. Only our own agent tells the destinations; others keep them to themselves.

## Mend
- Add the key again with the host: `ssh-add -h server file`, or for a jump
  `ssh-add -h jump -h \"jump>server\" file`.
- The host's key must be in known_hosts when the key is added.

## Pitfalls
- The host is known by its key: a new host key needs a new `ssh-add -h`.
- PuTTY, Paramiko, older OpenSSH and git's own libraries do not bind the connection: with them such
  a key is refused everywhere.
",
};
