//! `key-type-unsupported-by-version`

use crate::prelude::*;

/// The cause `key-type-unsupported-by-version`.
pub static CAUSE: Cause = Cause {
    id: "key-type-unsupported-by-version",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "this sshd does not know keys of the type {algorithm}",
    rule: "{algorithm} is not built into {build}",
    note: "a line of that type in authorized_keys is read as no key at all",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "use a key type that the server knows: Ed25519 since 6.5, ECDSA since 5.7, RSA of 3072 bits anywhere",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or update sshd to a release that knows {algorithm}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "unsupported public key algorithm: {algorithm}",
        },
        LogLine {
            level: Level::Info,
            text: "unsupported public key algorithm: {algorithm}",
        },
    ],
    page: r#"This sshd is too old, or built too small, to know the key's type ("unsupported public key algorithm").

## What it means
The name of the key's algorithm is not known to this program. Security keys (`sk-`) need 8.2,
Ed25519 needs 6.5, ECDSA 5.7, ML-DSA-44 with Ed25519 10.6 (10.4 and 10.5 had it under a name of its draft).

## Why sshd refuses
A name that sshd does not know cannot be in its list. Lines of that type in authorized_keys are
read as no key.

## How to see it
```
userauth_pubkey: unsupported public key algorithm: sk-ssh-ed25519@openssh.com [preauth]
```
This needs LogLevel VERBOSE (in 7.4 it shows by default).
Which types are known, and which version runs:
```
ssh -Q key
/usr/sbin/sshd -V
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Use a type that both ends know: Ed25519 nearly everywhere, RSA of 3072 bits everywhere.
- Or update sshd.

## Pitfalls
- Ed448 keys of PuTTYgen work with no OpenSSH.
- XMSS went away in 10.1 and DSA in 10.0: an update can take a type away.
- Small Dropbear builds (routers) may lack Ed25519; services such as older Azure DevOps or IOS
  take RSA alone.
- `ssh -Q key` asks the ssh program beside sshd; on a mixed install the two differ.
"#,
};
