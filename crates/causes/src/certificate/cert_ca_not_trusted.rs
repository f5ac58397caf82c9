//! `cert-ca-not-trusted`

use crate::prelude::*;

/// The cause `cert-ca-not-trusted`.
pub static CAUSE: Cause = Cause {
    id: "cert-ca-not-trusted",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "this server does not trust the CA that signed the certificate",
    rule: "the CA is {ca_fingerprint}; a CA counts if it stands in TrustedUserCAKeys, or with cert-authority in authorized_keys",
    note: "nothing at LogLevel INFO tells of this; the plain key of the pair may be accepted all the same",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask for a certificate signed by a CA that this server trusts",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether this CA is to be trusted: its public key, one line, goes into {file}",
            commands: &["ssh-keygen -l -f {file}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug2,
            text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
        },
        LogLine {
            level: Level::Debug2,
            text: "CA {ca_type} {ca_fingerprint} is not listed in {file}",
        },
    ],
    page: r#"The server refuses an SSH certificate because it does not trust the CA that signed it.

## What it means

The certificate is signed by a CA whose key stands neither in the TrustedUserCAKeys file nor, with `cert-authority`, in the account's authorized_keys.

## Why sshd refuses

A certificate is worth what its CA is worth. sshd compares the CA's key inside the certificate with those it trusts, and finds none.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG2: `CA ED25519 SHA256:… is not listed in /etc/ssh/ca.pub: key not found`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. `Signing CA` is the one to look for in `ssh-keygen -lf /etc/ssh/ca.pub` on the server.

## Mend

- Get a certificate from the CA that this server trusts.
- Or ask the administrator whether this CA is to be trusted: then its public key goes into the TrustedUserCAKeys file.

## Pitfalls

- CAs are replaced: a certificate of last year may carry the old one.
- A CA for hosts is often another than the CA for users.
- Trusting a CA lets in everyone it signs for, as any principal: that is more than one key.
- TrustedUserCAKeys may stand in a Match block.
- PuTTY shows a certificate from 0.78 on (`-cert FILE`, or in the key file); earlier ones offer the plain key alone.
- Dropbear knows no certificates.
"#,
};
