//! `dsa-key`

use crate::prelude::*;

/// The cause `dsa-key`.
pub static CAUSE: Cause = Cause {
    id: "dsa-key",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the key is a DSA key (ssh-dss), which OpenSSH no longer accepts",
    rule: "ssh-dss is refused by default since OpenSSH 7.0 and not built in since 10.0; this is {build}",
    note: "no option of the client or of authorized_keys brings it back on a current server",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new key and have its public half listed for {user}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let DSA in again with PubkeyAcceptedAlgorithms +ssh-dss, on builds before 10.0 that have it: ask the administrator, DSA keys are too weak to rely on",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "signature algorithm ssh-dss not in PubkeyAcceptedAlgorithms" },
        LogLine { level: Level::Info, text: "key type ssh-dss not in PubkeyAcceptedAlgorithms" },
        LogLine { level: Level::Info, text: "key type ssh-dss not in PubkeyAcceptedKeyTypes" },
        LogLine { level: Level::Verbose, text: "unsupported public key algorithm: ssh-dss" },
    ],
    page: "The key is a DSA key (ssh-dss), a type that OpenSSH has given up.

## What it means
DSA keys of SSH have 1024 bits and rest on SHA-1. OpenSSH refuses them by default since 7.0,
leaves them out of normal builds since 9.8, and does not know them since 10.0.

## Why sshd refuses
`ssh-dss` is not in PubkeyAcceptedAlgorithms, or no longer a known name. The line in
authorized_keys is not looked at.

## How to see it
```
userauth_pubkey: signature algorithm ssh-dss not in PubkeyAcceptedAlgorithms [preauth]
userauth_pubkey: unsupported public key algorithm: ssh-dss [preauth]
```
The second, of 10.0 and later, needs LogLevel VERBOSE. OpenSSH clients leave such a key out by
themselves:
```
Skipping ssh-dss key /home/alice/.ssh/id_dsa - corresponding algorithm not in PubkeyAcceptedAlgorithms
```
PuTTY offers it: `Server refused our key`. The type of a key: `ssh-keygen -lf FILE`.

## Mend
- Make a new key (`ssh-keygen -t ed25519`), list its public half, and remove the DSA line.

## Pitfalls
- `PubkeyAcceptedAlgorithms +ssh-dss` stops 10.0 and later from starting.
- An `ssh-dss` line in a RevokedKeys file locks everyone out on 10.0 and later
  (`revoked-keys-has-dsa`).
- Windows tools still call DSA a choice; take EdDSA (Ed25519).
- Dropbear has DSA off by default.
",
};
