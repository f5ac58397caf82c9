//! `cert-is-host`

use crate::prelude::*;

/// The cause `cert-is-host`.
pub static CAUSE: Cause = Cause {
    id: "cert-is-host",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is a host certificate: it proves a server, not a user",
    rule: "its type field is host; a login needs a user certificate",
    note: "the OpenSSH client leaves such a certificate out by itself",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign a user certificate: without -h",
        commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: not a user certificate",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: not a user certificate",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: not a user certificate",
        },
    ],
    page: r#""Certificate invalid: not a user certificate": a host certificate was offered for a login.

## What it means

Certificates are of two kinds: for hosts, signed with `ssh-keygen -h`, and for users. This one is for a host.

## Why sshd refuses

A host certificate proves the server's name to clients. sshd accepts user certificates alone for a login.

## How to see it

- sshd, LogLevel INFO: `Certificate invalid: not a user certificate`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate invalid: not a user certificate`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate invalid: not a user certificate` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. It says `host certificate`.
- The OpenSSH client leaves host certificates out, so nothing may reach the server.

## Mend

- Sign a user certificate, without `-h`: `ssh-keygen -s CA_KEY -I ID -n NAME -V +52w KEY.pub`.

## Pitfalls

- The principals of a host certificate are host names; a user certificate needs account names.
- Signing services have a role or template for each kind: choose the one for users.
- Never use the server's host key as a login key.
"#,
};
