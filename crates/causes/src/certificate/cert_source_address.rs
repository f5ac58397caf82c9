//! `cert-source-address`

use crate::prelude::*;

/// The cause `cert-source-address`.
pub static CAUSE: Cause = Cause {
    id: "cert-source-address",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} lets its owner in from {pattern}, and this login comes from {found}",
    rule: "critical option source-address=\"{pattern}\"",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in from a permitted address, or by way of a machine that has one",
            commands: &["ssh -J JUMPHOST {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority whether {found} may be added",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{loc}: Authentication tried for {user} with valid certificate but not from a permitted source address ({from}).",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Refused by certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Refused by certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "{loc}: Certificate source-address invalid",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate source-address contents invalid",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate has multiple source-address options",
        },
    ],
    page: r#""valid certificate but not from a permitted source address": the certificate has a source-address option.

## What it means

The CA limited the certificate to some addresses, and the address that sshd sees is not among them.

## Why sshd refuses

`source-address` is a critical option: a list of addresses and networks. sshd compares it with the client's address, never with a host name.

## How to see it

- sshd, LogLevel INFO: `cert: Authentication tried for NAME with valid certificate but not from a permitted source address (ADDRESS).`, then `Refused by certificate options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: cert: Your address 'ADDRESS' is not permitted to use this certificate for login.` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. Look for `source-address`.

## Mend

- Log in from an allowed address, or through a machine that has one: `ssh -J JUMPHOST NAME@SERVER`.
- Ask the authority for a certificate with the address: `ssh-keygen -s CA_KEY -I ID -n NAME -O source-address=192.0.2.0/24 KEY.pub`.

## Pitfalls

- NAT, VPN and IPv6 change what sshd sees: read the address in the log.
- Signing services fill the list with the address they saw themselves, which may be an inside one.
- A `from=` on the CA's line is checked as well, and logs another message.
"#,
};
