//! `rsa-sha2-list-bug`

use crate::prelude::*;

/// The cause `rsa-sha2-list-bug`.
pub static CAUSE: Cause = Cause {
    id: "rsa-sha2-list-bug",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "this sshd has a fault: it lists rsa-sha2 algorithms alone and then refuses each RSA key",
    rule: "PubkeyAcceptedKeyTypes ({origin}) names rsa-sha2-256 or rsa-sha2-512 without ssh-rsa, on OpenSSH 7.8 or 7.9",
    note: "the unprivileged part says yes and the monitor says no; repaired in OpenSSH 8.0",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "update sshd to 8.0 or later",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use an Ed25519 key, if the list has it",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or add ssh-rsa to the list at {origin}, then reload sshd: ask the administrator, it lets SHA-1 signatures in",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "publickey key type ssh-rsa is not in permitted list {value}" },
        LogLine { level: Level::Info, text: "{keytype} key type ssh-rsa is not in permitted list {value}" },
    ],
    page: "OpenSSH 7.8 and 7.9 refuse every RSA key when their list names only rsa-sha2-256 and rsa-sha2-512.

## What it means
The list is sensible and the program has a fault. It was repaired in 8.0.

## Why sshd refuses
The unprivileged part accepts the signature algorithm. The monitor then compares the key's type,
`ssh-rsa`, with the same list, does not find it, and refuses.

## How to see it
```
mm_answer_keyallowed: publickey key type ssh-rsa is not in permitted list rsa-sha2-512,rsa-sha2-256
```
The version and the list:
```
/usr/sbin/sshd -V
/usr/sbin/sshd -T | grep -i pubkeyaccepted
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Update sshd to 8.0 or later.
- Or use an Ed25519 key, with `ssh-ed25519` in the list.
- Adding `ssh-rsa` to the list mends it too, and lets SHA-1 signatures in.

## Pitfalls
- The keyword is named PubkeyAcceptedKeyTypes in these versions.
- Hardening guides for newer servers bring exactly this list.
- The error does not depend on the client; a newer client does not help.
",
};
