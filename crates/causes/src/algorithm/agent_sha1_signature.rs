//! `agent-sha1-signature`

use crate::prelude::*;

/// The cause `agent-sha1-signature`.
pub static CAUSE: Cause = Cause {
    id: "agent-sha1-signature",
    stage: Stage::Algorithm,
    seen: Seen::SignatureRefused,
    title: "the agent at {path} answers a request for {algorithm} with a signature of {found}",
    rule: "OpenSSH from 8.8 on accepts no RSA signature with SHA-1; the client asked for SHA-2 by a flag, and this agent ignores it",
    note: "the key itself is fine, and so is its line on the server",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the agent, or use another one for this key: ssh-agent, gpg-agent from 2.2.6, Pageant from 0.75, sshwhy agent",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use an Ed25519 key, which has no such choice",
            commands: &["sshwhy key generate --type ed25519 --output ~/.ssh/id_ed25519"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug3,
            text: "publickey {keytype} signature using {algorithm} unverified: {reason}",
        },
    ],
    page: "The agent signs with RSA and SHA-1 (ssh-rsa) although rsa-sha2-256 or rsa-sha2-512 was asked for, and the server refuses that.

## What it means
Agents that are older than the SHA-2 flags of 2018, or middleware of smart cards, make an ssh-rsa
signature whatever the client asks for. Some give it the name of the algorithm that was asked for.

## Why sshd refuses
The signature is of another algorithm than the request names, or of one that
PubkeyAcceptedAlgorithms does not list: ssh-rsa since 8.8.

## How to see it
```
sshwhy agent test
ssh -v alice@server
```
ssh says `agent key RSA SHA256:... returned incorrect signature type`, and falls back or fails; in
PuTTY the key is accepted and then refused. sshd says it at DEBUG3 only.

## Mend
- Update the agent: gpg-agent 2.2.6, GNOME Keyring 3.28, Pageant 0.75, KeeAgent 0.10 know the flags.
- Use another agent for this key, or an Ed25519 key.

## Pitfalls
- Accepting ssh-rsa on the server again weakens it for everybody, and other servers still refuse.
- A forwarded agent is the one on your own machine: that one must be updated, not the host's.
",
};
