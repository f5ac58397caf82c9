//! `cert-not-yet-valid`

use crate::prelude::*;

/// The cause `cert-not-yet-valid`.
pub static CAUSE: Cause = Cause {
    id: "cert-not-yet-valid",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is not valid before {date}",
    rule: "its valid-after field is still to come, by the server's clock",
    note: "a clock that is wrong on either machine does this to fresh certificates",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "compare the server's clock with the real time, and mend it where it is behind",
            commands: &["date -u", "timedatectl status"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign a certificate that starts a few minutes in the past",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {user} -V -5m:+52w KEY.pub"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: not yet valid",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: not yet valid",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: not yet valid",
        },
    ],
    page: r#""Certificate invalid: not yet valid": the SSH certificate starts later than the server's clock.

## What it means

The valid-after field of the certificate is in the future for the server. Mostly the certificate is seconds old and one of the clocks is wrong.

## Why sshd refuses

sshd refuses a certificate before the second its valid-after field names.

## How to see it

- sshd, LogLevel INFO: `Certificate invalid: not yet valid`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate invalid: not yet valid`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate invalid: not yet valid` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. Compare with `date` on the server.

## Mend

- Set the server's clock: `timedatectl status`, chrony or NTP.
- Sign with a little room: `ssh-keygen -s CA_KEY -I ID -n NAME -V -5m:+52w KEY.pub`.

## Pitfalls

- Without NTP, virtual machines and single-board computers start in the past after a boot.
- A clock of the *CA*'s machine that is ahead does the same.
- Waiting a minute may be enough, which makes it look like chance.
"#,
};
