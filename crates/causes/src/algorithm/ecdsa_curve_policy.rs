//! `ecdsa-curve-policy`

use crate::prelude::*;

/// The cause `ecdsa-curve-policy`.
pub static CAUSE: Cause = Cause {
    id: "ecdsa-curve-policy",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the ECDSA key's curve is not among those that this server accepts",
    rule: "PubkeyAcceptedAlgorithms ({origin}); {found} was offered as {algorithm}, and since OpenSSH 10.3, or where that was back-ported, the curve has to match too",
    note: "earlier servers let any ECDSA curve through once one was listed and the client named that one",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "offer the key under its own name, with a client that names the curve right",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or make a key of an accepted type",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or add {found} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "key type mismatch for decoded key (received {found}, expected {algorithm})" },
        LogLine { level: Level::Info, text: "type mismatch for decoded key (received {found}, expected {algorithm})" },
        LogLine { level: Level::Info, text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms" },
    ],
    page: "The ECDSA key's curve is not among the curves that this server accepts.

## What it means
`ecdsa-sha2-nistp256`, `-nistp384` and `-nistp521` are three algorithms. The list of this server
has one of them, and the key is on another curve.

## Why sshd refuses
Since OpenSSH 10.3, and where distributions back-ported it, the key inside has to be of the very
curve that was announced, so a listed name cannot carry another curve.

## How to see it
```
userauth_pubkey: key type mismatch for decoded key (received ecdsa-sha2-nistp521, expected ecdsa-sha2-nistp256) [preauth]
userauth_pubkey: signature algorithm ecdsa-sha2-nistp521 not in PubkeyAcceptedAlgorithms [preauth]
```
The curve of a key: `ssh-keygen -lf FILE` shows 256, 384 or 521.
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Use a key of a listed type; `ssh-keygen -t ed25519` or `ssh-keygen -t ecdsa -b 256`.
- Or append the curve's name to PubkeyAcceptedAlgorithms, after asking the administrator, and
  reload.

## Pitfalls
- A login that worked before an update can stop here: the older server let the wrong curve
  through.
- Clients that announce a wrong curve are at fault themselves; a newer client announces the right
  one.
- P-521 keys used with PuTTY 0.68 to 0.80 must be given up (CVE-2024-31497).
",
};
