//! `rsa-sha1-only-client`

use crate::prelude::*;

/// The cause `rsa-sha1-only-client`.
pub static CAUSE: Cause = Cause {
    id: "rsa-sha1-only-client",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the client signs with the RSA key only as ssh-rsa (SHA-1), which this server does not accept",
    rule: "PubkeyAcceptedAlgorithms ({origin}) has rsa-sha2-256 and rsa-sha2-512 for RSA keys, and no ssh-rsa",
    note: "the RSA key is fine and can stay; the client is too old to sign with SHA-2",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the client: OpenSSH 7.2, PuTTY 0.75 and later sign with SHA-2",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use an Ed25519 key, where the client knows that type",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let SHA-1 in again for that account alone, Match User {user} and PubkeyAcceptedAlgorithms +ssh-rsa, until the client is updated: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-rsa not in PubkeyAcceptedAlgorithms",
        },
        LogLine {
            level: Level::Info,
            text: "key type ssh-rsa not in PubkeyAcceptedKeyTypes",
        },
    ],
    page: r#"The client can sign with its RSA key only by the old ssh-rsa (SHA-1) method, which the server no longer accepts.

## What it means
One RSA key can sign in three ways: `ssh-rsa` (SHA-1), `rsa-sha2-256`, `rsa-sha2-512`. Servers
since OpenSSH 8.8 accept the last two. This client knows the first alone.

## Why sshd refuses
`ssh-rsa` is not in PubkeyAcceptedAlgorithms. The line in authorized_keys begins with `ssh-rsa`
too, and that is right: there it names the type of key.

## How to see it
```
userauth_pubkey: signature algorithm ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]
userauth_pubkey: key type ssh-rsa not in PubkeyAcceptedAlgorithms [preauth]
```
The first is of 9.0 and later, the second of 8.5 to 8.9.
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.
The version of the client: `ssh -V`, `plink -V`, PuTTY's About box.

## Mend
- Update the client: OpenSSH 7.2, PuTTY 0.75. Programs with a library inside (libssh2, JSch,
  SSH.NET, paramiko, Go) need the newer library.
- Or use an Ed25519 key.
- Last resort, for that one account and for a while: `PubkeyAcceptedAlgorithms +ssh-rsa` in a
  Match block.

## Pitfalls
- The key need not be replaced. "RSA is disabled" is not true.
- The same client with the same key works on older servers, so the new server gets the blame.
- An agent can be the old part: PuTTY new, Pageant or a card's middleware old.
- Where the crypto library bans SHA-1 (RHEL 9), `+ssh-rsa` alone does not help.
- Servers before 9.6 announce ssh-rsa to the client even when they refuse it.
"#,
};
