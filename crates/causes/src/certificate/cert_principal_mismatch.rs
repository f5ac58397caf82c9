//! `cert-principal-mismatch`

use crate::prelude::*;

/// The cause `cert-principal-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "cert-principal-mismatch",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is for {principals}, and this login needs {expected}",
    rule: "one of the certificate's principals must be the same as the wanted name, letter by letter",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as a user whom the certificate names: {principals}",
            commands: &["ssh USER@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority whether {user} may have a certificate for {expected}",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {expected} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator to map principals to accounts with AuthorizedPrincipalsFile",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: name is not a listed principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: name is not a listed principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: name is not a listed principal",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate does not contain an authorized principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate does not contain an authorized principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate does not contain an authorized principal",
        },
    ],
    page: r#""Certificate invalid: name is not a listed principal": the SSH certificate is for another user name.

## What it means

A certificate lists principals: the names it may stand for. The account that the login asks for is not among them, or none of them is in the `principals=` of the CA's line.

## Why sshd refuses

Without a principals file, one principal must be the login name itself. Letters must agree in case, and `*` means nothing in a user certificate.

## How to see it

- sshd, LogLevel INFO: `Certificate invalid: name is not a listed principal`, or with `principals=`: `Certificate does not contain an authorized principal`; from 10.1 on after `Refusing certificate ID "ID" …: `
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate invalid: name is not a listed principal` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA.

## Mend

- Log in as a name that the certificate lists.
- Or have the authority sign for this account: `ssh-keygen -s CA_KEY -I ID -n NAME,OTHER KEY.pub`.
- Or the administrator maps principals to accounts: `AuthorizedPrincipalsFile /etc/ssh/principals/%u`.

## Pitfalls

- `-I` is the ID for the log, `-n` the principals: the ID does not let anyone in.
- Mail addresses and `DOMAIN\user` are principals like others, and equal no account name.
- Once AuthorizedPrincipalsFile is set, the login name alone is no longer enough.
- PuTTY shows a certificate from 0.78 on (`-cert FILE`, or in the key file); earlier ones offer the plain key alone.
"#,
};
