//! `cert-no-principals`

use crate::prelude::*;

/// The cause `cert-no-principals`.
pub static CAUSE: Cause = Cause {
    id: "cert-no-principals",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} names no principal",
    rule: "TrustedUserCAKeys needs one; a cert-authority line needs one from OpenSSH 10.3 on",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign a certificate that names the account",
        commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate lacks principal list",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate lacks principal list",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate lacks principal list",
        },
    ],
    page: r#""Certificate lacks principal list": the SSH certificate names no principal.

## What it means

It was signed without `-n`, and so would stand for any name. sshd does not accept that.

## Why sshd refuses

By way of TrustedUserCAKeys such a certificate was always refused. On a `cert-authority` line without `principals=` it was accepted up to OpenSSH 10.2, and is refused from 10.3 on.

## How to see it

- sshd, LogLevel INFO: `Certificate lacks principal list`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate lacks principal list`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate lacks principal list` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. It says `Principals: (none)`.

## Mend

- Sign it again with the account's name: `ssh-keygen -s CA_KEY -I ID -n NAME -V +52w KEY.pub`.

## Pitfalls

- In Vault, `valid_principals` or `allowed_users` and `default_user` of the role fill the list.
- An upgrade to 10.3 brings this up where authorized_keys trusted the CA: look for such certificates before.
- A host certificate without principals is another matter: clients judge that.
"#,
};
