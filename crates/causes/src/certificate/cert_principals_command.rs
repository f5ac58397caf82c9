//! `cert-principals-command`

use crate::prelude::*;

/// The cause `cert-principals-command`.
pub static CAUSE: Cause = Cause {
    id: "cert-principals-command",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "AuthorizedPrincipalsCommand gives {user} no principal of this certificate",
    rule: "the command must end with status 0 and print one of the certificate's principals; its program must be root's alone",
    note: "the certificate names {principals}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "run it as its configured user, as sshd does, and see what it prints and how it ends",
            commands: &[
                "sshd -T -C user={user},host={from},addr={from} | grep -i authorizedprincipalscommand",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority for a certificate with a principal that the command prints",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Refused by certificate principals options",
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
        LogLine {
            level: Level::Info,
            text: "AuthorizedPrincipalsCommand {command} failed, status {status}",
        },
        LogLine {
            level: Level::Info,
            text: "Unsafe AuthorizedPrincipalsCommand \"{path_command}\": {rest}",
        },
        LogLine {
            level: Level::Info,
            text: "Could not stat AuthorizedPrincipalsCommand \"{path}\": {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedPrincipalsCommandUser \"{other_user}\" not found: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "No user for AuthorizedPrincipalsCommand specified, skipping",
        },
        LogLine {
            level: Level::Info,
            text: r#"AuthorizedPrincipalsCommand "{command}" contains invalid quotes"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"AuthorizedPrincipalsCommand "{command}" yielded no arguments"#,
        },
    ],
    page: r#""Certificate does not contain an authorized principal": AuthorizedPrincipalsCommand gives none that fits.

## What it means

AuthorizedPrincipalsCommand is to print the principals that may log in as the account. It was not run, it failed, or none of its lines is a principal of the certificate.

## Why sshd refuses

sshd runs it only if it and every directory above it are root's alone, and takes its output only after exit status 0. Its lines follow the rules of the principals file.

## How to see it

- sshd, LogLevel INFO: `Certificate does not contain an authorized principal`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate does not contain an authorized principal`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate does not contain an authorized principal` (PuTTY's Event Log: `Remote debug message: …`).
- For the command: `Unsafe AuthorizedPrincipalsCommand "…": …`, `Could not stat AuthorizedPrincipalsCommand "…": …`, `AuthorizedPrincipalsCommand … failed, status N`, `AuthorizedPrincipalsCommandUser "…" not found: …`
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedprincipals`

## Mend

- Run it by hand as AuthorizedPrincipalsCommandUser with the same arguments, and look at output and exit status.
- Mend the program, or what it asks; or ask the authority for a certificate with a principal that it prints.

## Pitfalls

- Tokens such as `%i` (key ID), `%s` (serial), `%F` (CA's fingerprint) are filled in; sshd adds no argument by itself.
- CRLF output: the CR is part of the name.
- Standard error is thrown away, and the environment is nearly empty.
- A `#` comment at the end of the config line becomes arguments.
"#,
};
