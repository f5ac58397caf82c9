//! `signature-algorithm-not-accepted`

use crate::prelude::*;

/// The cause `signature-algorithm-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "signature-algorithm-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "this server does not accept signatures of the algorithm {algorithm}",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has no {algorithm}",
    note: "authorized_keys was not read for this key; the line there may be fine",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key of an accepted type: {expected}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {algorithm} to PubkeyAcceptedAlgorithms at {origin} with a leading +, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type {algorithm} not in PubkeyAcceptedKeyTypes",
        },
    ],
    page: r#"The server does not accept the signature algorithm of this key ("not in PubkeyAcceptedAlgorithms").

## What it means
The client announced how it would sign. That algorithm is not on the server's list, so the key was
turned away unseen.

## Why sshd refuses
PubkeyAcceptedAlgorithms (PubkeyAcceptedKeyTypes up to 8.4) lacks the name. A hardening guide, a
crypto policy or a list written for an older version are the usual reasons.

## How to see it
```
userauth_pubkey: signature algorithm ssh-ed25519 not in PubkeyAcceptedAlgorithms [preauth]
userauth_pubkey: key type ssh-ed25519 not in PubkeyAcceptedAlgorithms [preauth]
userauth_pubkey: key type ssh-ed25519 not in PubkeyAcceptedKeyTypes [preauth]
```
These are of 9.0 and later, 8.5 to 8.9, and up to 8.4. The list in force:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i pubkeyaccepted
```
Servers since 9.6 tell their list: `ssh -v` shows `server-sig-algs=`. The client reads
`Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Use a key of a type that the list has.
- Or append the name with `+`, after asking the administrator, and reload.

## Pitfalls
- A list without `+`, `-` or `^` replaces the default.
- Before 9.6 `server-sig-algs` lists all that is built in, whatever the configuration.
- `PubkeyAcceptedAlgorithms -*` ends as the full default list.
- A Match block may narrow the list for one user.
- RSA keys need `rsa-sha2-256` or `rsa-sha2-512`; the name `ssh-rsa` means SHA-1.
"#,
};
