//! `kex-no-common`

use crate::prelude::*;

/// The cause `kex-no-common`.
pub static CAUSE: Cause = Cause {
    id: "kex-no-common",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "client and server have no algorithm of one kind in common, so the connection ends before any key is offered",
    rule: "{keyword}: the first of the client's list that the server has too is taken; here there is none",
    note: "the user's key was not offered; a newer key does not help, a newer client does",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the client: PuTTY, WinSCP or the library behind it",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "allow one algorithm of the client's list, with a leading + in sshd_config's own list, for as long as the old client must be served: ask the administrator, old algorithms were dropped for a reason",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Unable to negotiate with {from} port {port}: no matching {keyword} found. Their offer: {found}",
        },
        LogLine {
            level: Level::Info,
            text: "No supported key exchange algorithms",
        },
    ],
    page: r#"Client and server share no key exchange method, host key type, cipher or MAC ("no matching ... found").

## What it means
The two ends compare lists before any login. For each kind they need one algorithm that both have.
An old client in front of a new server often has none. People call this "key refused"; no user key
was looked at.

## Why sshd refuses
For each kind the first algorithm of the client's list that the server has too is taken; if there
is none the connection ends.
Since OpenSSH 8.8 host keys no longer sign with `ssh-rsa`; since 10.0 the server offers no
finite-field Diffie-Hellman by default.

## How to see it
The client's message carries the server's list:
```
Unable to negotiate with 203.0.113.5 port 22: no matching key exchange method found. Their offer: sntrup761x25519-sha512@openssh.com,curve25519-sha256
```
PuTTY: `Couldn't agree a key exchange algorithm (available: ...)`.
sshd logs the other direction, with the client's list:
```
Unable to negotiate with 198.51.100.7 port 40000: no matching host key type found. Their offer: ssh-rsa [preauth]
```
If HostKeyAlgorithms leaves none of the server's own keys, it logs `No supported key exchange algorithms`.
Compare `ssh -Q kex` on the client with `/usr/sbin/sshd -T` on the server.

## Mend
- Update the client. This is the mend that lasts.
- If it cannot be updated, add the one missing algorithm with a leading `+`, such as
  `HostKeyAlgorithms +ssh-rsa`, and only for as long as it is needed.

## Pitfalls
- A list without `+` replaces the default and can shut out everybody else.
- `KexAlgorithms`, `Ciphers`, `MACs` and `HostKeyAlgorithms` cannot stand in a Match block: what
  is allowed is allowed for all.
- RHEL's crypto policies set these lists outside sshd_config.
"#,
};
