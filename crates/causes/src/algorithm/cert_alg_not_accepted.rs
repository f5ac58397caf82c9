//! `cert-alg-not-accepted`

use crate::prelude::*;

/// The cause `cert-alg-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "cert-alg-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "sshd accepts the key type under the certificate, and not the certificate's own algorithm {algorithm}",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has no {algorithm}",
    note: "the certificate itself may be fine; it was not read any further",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the plain key too, if the server lists it",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms" },
        LogLine { level: Level::Info, text: "key type {algorithm} not in PubkeyAcceptedAlgorithms" },
        LogLine { level: Level::Info, text: "key type {algorithm} not in PubkeyAcceptedKeyTypes" },
    ],
    page: "The server accepts the key type but not certificates of it: the -cert-v01@openssh.com name is missing from its list.

## What it means
A certificate is offered under an algorithm of its own, such as
`ssh-ed25519-cert-v01@openssh.com`.
PubkeyAcceptedAlgorithms has the plain `ssh-ed25519` and lacks that name.

## Why sshd refuses
The name that the client announces has to be in the list. The certificate is not even read, so its
CA, dates and principals play no part.

## How to see it
```
userauth_pubkey: signature algorithm ssh-ed25519-cert-v01@openssh.com not in PubkeyAcceptedAlgorithms [preauth]
```
The list in force:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i pubkeyaccepted
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Append it: `PubkeyAcceptedAlgorithms +ssh-ed25519-cert-v01@openssh.com`, and reload.
- Meanwhile the plain key works where authorized_keys lists it.

## Pitfalls
- A list without `+` replaces the default; hardening guides often forget the certificate names.
- RSA certificates need `rsa-sha2-256-cert-v01@openssh.com` or the 512 form; the
  `ssh-rsa-cert-v01` name means SHA-1.
- CASignatureAlgorithms is another list: it is about the CA's own signature.
- Dropbear knows no certificates.
",
};
