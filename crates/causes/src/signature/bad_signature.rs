//! `bad-signature`

use crate::prelude::*;

/// The cause `bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "bad-signature",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the key of {user} was accepted, and the signature made with it does not verify",
    rule: "the signature covers the session, the user name and the key; one of them differs between client and server",
    note: "the public key that is listed and the private key that signs are most likely not a pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "compare the public half that the private key yields with the one that is offered, and set the .pub file right",
            commands: &["ssh-keygen -y -f {path}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or take the agent out of the way and sign from the file: ssh -o IdentityAgent=none -o IdentitiesOnly=yes -i the private file",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug3,
            text: "publickey {keytype} signature using {algorithm} unverified: {reason}",
        },
        LogLine {
            level: Level::Debug3,
            text: "publickey {keytype} {found} signature using {algorithm} unverified: {reason}",
        },
        LogLine {
            level: Level::Other,
            text: "Pubkey auth bad signature for '{user}' with key {fingerprint} from {from}",
        },
    ],
    page: "The server accepted the key and then refused the signature made with it.

## What it means
The public key is listed and in order. What the client signed with does not belong to it, or
signed something else than the server checks.

## Why sshd refuses
The signature covers the session identifier, the user name, the algorithm and the key. sshd
verifies it with the public key that was offered, and that fails.

## How to see it
PuTTY: `Server refused public-key signature despite accepting key!`
OpenSSH shows acceptance and then the next method, or finds the mismatch itself:
```
debug1: Server accepts key: /home/alice/.ssh/id_rsa RSA SHA256:...
identity_sign: private key /home/alice/.ssh/id_rsa contents do not match public
```
sshd says nothing at the default level; at DEBUG3:
```
publickey RSA signature using rsa-sha2-256 unverified: incorrect signature
```
Dropbear: `Pubkey auth bad signature for 'alice' with key SHA256:... from 198.51.100.7:40000`.

## Mend
- Write the public half anew from the private key: `ssh-keygen -y -f ~/.ssh/id_rsa`, and compare
  it with the `.pub` file.
- Try without the agent:
  `ssh -o IdentityAgent=none -o IdentitiesOnly=yes -i ~/.ssh/id_rsa alice@server`.
- Update the agent, if it signs RSA with SHA-1 although asked for SHA-2.

## Pitfalls
- `root-login-off` looks the same from the client and is far more common for root.
- Security keys without touch or PIN look the same too (`required-touch`, `required-uv`).
- On RHEL 9 the crypto library may refuse SHA-1 signatures although sshd's list has ssh-rsa.
- A PPK whose public half is damaged is refused at the offer, not here.
",
};
