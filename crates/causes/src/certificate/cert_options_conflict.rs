//! `cert-options-conflict`

use crate::prelude::*;

/// The cause `cert-options-conflict`.
pub static CAUSE: Cause = Cause {
    id: "cert-options-conflict",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} and the line that trusts it force different commands",
    rule: "from OpenSSH 7.4 on, force-command in the certificate and command= in authorized_keys or the principals file must be the same",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator which command is meant, and write it in one place only, or the same in both",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: forced command options do not match",
        },
        LogLine {
            level: Level::Info,
            text: "Inconsistent authentication options: forced command options do not match",
        },
    ],
    page: r#""forced command options do not match": certificate and authorized_keys force different commands.

## What it means

The certificate has `force-command`, and the line that trusts its CA (or the principals entry) has `command=`. The two are not the same.

## Why sshd refuses

From OpenSSH 7.4 on both must be the same, letter by letter. sshd does not choose between two restrictions.

## How to see it

- sshd, LogLevel INFO: `forced command options do not match`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: forced command options do not match`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: forced command options do not match` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. Compare `force-command` with `command="…"` on the server.

## Mend

- Ask which command is meant. Write it in one of the places, or the same in both.

## Pitfalls

- Before 7.4 the certificate's command won silently: an upgrade brings this up.
- Blanks and quotes count: `\"` in authorized_keys is `"` in the command.
- ForceCommand in sshd_config is no part of this; it wins over both.
- Taking the restriction off altogether widens what the key may do.
"#,
};
