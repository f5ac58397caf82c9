//! `cert-critical-option-unknown`

use crate::prelude::*;

/// The cause `cert-critical-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "cert-critical-option-unknown",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} has a critical option that this server does not know: {option}",
    rule: "sshd must refuse a certificate whose critical options it does not understand (PROTOCOL.certkeys)",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate without {option}, or put it as an extension where it may be ignored",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or update the server, where {option} came with a later OpenSSH (verify-required: 8.4)",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate critical option \"{option}\" is not supported",
        },
        LogLine {
            level: Level::Info,
            text: "Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Invalid certificate options",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate has multiple force-command options",
        },
        LogLine {
            level: Level::Info,
            text: r#"Certificate option "{option}" corrupt (extra data)"#,
        },
        LogLine {
            level: Level::Info,
            text: "Unable to parse certificate options: {reason}",
        },
    ],
    page: r#""Certificate critical option is not supported": the certificate has an option that the server does not know.

## What it means

Critical options are those that a server must understand. This sshd does not know one of them, or cannot read its value.

## Why sshd refuses

A restriction that is not understood cannot be kept. So sshd refuses the certificate as a whole.

## How to see it

- sshd, LogLevel INFO: `Certificate critical option "NAME" is not supported`, then `Invalid certificate options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Invalid certificate options` (PuTTY's Event Log: `Remote debug message: …`).
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. See `Critical Options`.

## Mend

- Sign without that option: `ssh-keygen -O clear`, and then those that are wanted.
- Or update the server: `verify-required` came with 8.4.

## Pitfalls

- Known to OpenSSH are `force-command`, `source-address` and `verify-required`; all others come from other programs.
- Extensions are ignored where they are unknown: additions of one's own belong there (`-O extension:NAME=VALUE`).
- Names with an `@` are private to whoever made them.
"#,
};
