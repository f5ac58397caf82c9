//! `cert-expired`

use crate::prelude::*;

/// The cause `cert-expired`.
pub static CAUSE: Cause = Cause {
    id: "cert-expired",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} expired on {date}",
    rule: "its valid-before field is past, by the server's clock",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign a new certificate for the same key",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where {date} is still to come, set the server's clock",
            commands: &["date -u", "timedatectl status"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: expired",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: expired",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: expired",
        },
    ],
    page: r#""Certificate invalid: expired": the SSH certificate is past its validity.

## What it means

A certificate names the time from which and until which it is valid. By the server's clock that time is over.

## Why sshd refuses

sshd refuses a certificate from the second its valid-before field names.

## How to see it

- sshd, LogLevel INFO: `Certificate invalid: expired`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate invalid: expired`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate invalid: expired` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA.

## Mend

- Get a new certificate for the same key: `ssh-keygen -s CA_KEY -I ID -n NAME -V +52w KEY.pub`, by whoever holds the CA's key.
- If the certificate is valid by the right time, set the server's clock.

## Pitfalls

- Short-lived certificates (Vault, Teleport, step-ca) are meant to expire: the tool that fetches them has not run.
- The agent keeps an old certificate: `ssh-add -d`, then add the new one.
- `ssh-keygen -L` prints local time; the certificate itself holds UTC.
- An expired certificate costs an attempt before the plain key is tried.
- PuTTY shows a certificate from 0.78 on (`-cert FILE`, or in the key file); earlier ones offer the plain key alone.
"#,
};
