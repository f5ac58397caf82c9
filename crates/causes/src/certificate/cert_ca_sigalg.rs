//! `cert-ca-sigalg`

use crate::prelude::*;

/// The cause `cert-ca-sigalg`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-sigalg",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the CA signed the certificate with {algorithm}, which this server does not accept",
    rule: "CASignatureAlgorithms; ssh-rsa (SHA-1) is not in its default from OpenSSH 8.2 on",
    note: "the CA's RSA key itself is fine: the hash is what counts",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate again, with a SHA-2 signature",
            commands: &["ssh-keygen -t rsa-sha2-512 -s CA_KEY -I ID -n {user} KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, for the time being, let the server accept it: CASignatureAlgorithms +{algorithm}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: certificate signature algorithm {algorithm}: signature algorithm not supported",
        },
        LogLine {
            level: Level::Info,
            text: "certificate signature algorithm {algorithm}: signature algorithm not supported",
        },
    ],
    page: r#""certificate signature algorithm ssh-rsa: signature algorithm not supported": the CA signed with SHA-1.

## What it means

The CA's key is RSA, and it signed the certificate with the old `ssh-rsa` signature. The server wants `rsa-sha2-256` or `rsa-sha2-512`.

## Why sshd refuses

CASignatureAlgorithms says with what a CA may sign. From OpenSSH 8.2 on its default is without `ssh-rsa`.

## How to see it

- sshd, LogLevel INFO: `userauth_pubkey: certificate signature algorithm ssh-rsa: signature algorithm not supported`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. `Signing CA: … (using ssh-rsa)` names the algorithm.
- On the server: `sshd -T | grep -i casignaturealgorithms`

## Mend

- Sign it again with SHA-2: `ssh-keygen -t rsa-sha2-512 -s CA_KEY -I ID -n NAME KEY.pub`. The CA's key stays.
- As a last resort, for a time: `CASignatureAlgorithms +ssh-rsa` on the server.

## Pitfalls

- ssh-keygen from 8.2 on signs with rsa-sha2-512 by itself: the signing machine is older, or a service asks for `ssh-rsa` (Vault: `algorithm_signer`).
- Servers older than 7.2 cannot read the new signatures.
- The client checks too: OpenSSH clients from 8.2 on leave such certificates out.
"#,
};
