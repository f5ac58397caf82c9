//! `ca-revoked`

use crate::prelude::*;

/// The cause `ca-revoked`.
pub static CAUSE: Cause = Cause {
    id: "ca-revoked",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "the CA that signed the certificate is revoked: {file} lists it",
    rule: "{keyword} {value} ({origin})",
    note: "each certificate of that CA is refused",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "ask the administrator which CA is in use now, and have the key signed by that one",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Authentication key {short_type} {other_fingerprint} revoked by file {file}",
    }],
    page: r#""Authentication key … revoked by file", for a certificate: its CA is on the list of revoked keys.

## What it means

RevokedKeys lists the key of the CA that signed the certificate. Each certificate of that CA is refused.

## Why sshd refuses

For a certificate sshd asks the list twice: for the user's key, and for the CA's key.

## How to see it

- sshd, LogLevel INFO: `Authentication key ED25519 SHA256:… revoked by file /etc/ssh/revoked_keys`; the fingerprint is the CA's.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i revokedkeys`

## Mend

- Ask the administrator which CA is in use now, and have the key signed by that one.

## Pitfalls

- The fingerprint in the log is not that of the user's key: compare with `Signing CA` of `ssh-keygen -L`.
- Agents and tools hold old certificates: fetch a new one after the CA was replaced.
- The CA may still stand in TrustedUserCAKeys: revocation wins.
"#,
};
