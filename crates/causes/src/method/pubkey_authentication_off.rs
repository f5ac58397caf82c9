//! `pubkey-authentication-off`

use crate::prelude::*;

/// The cause `pubkey-authentication-off`.
pub static CAUSE: Cause = Cause {
    id: "pubkey-authentication-off",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "PubkeyAuthentication is off for {user}, so no key can be used",
    rule: "PubkeyAuthentication no ({origin})",
    note: "the server does not offer publickey, so the client never sends the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may use a key; if so, switch it on for that account alone in a Match block: Match User {user}, then PubkeyAuthentication yes, and reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or switch it on for everyone: PubkeyAuthentication yes at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Debug3, text: "method publickey not enabled" },
    ],
    page: "The server has switched public key logins off for this user (PubkeyAuthentication no).

## What it means
publickey is not among the methods that the server offers. The client does not send the key at
all.

## Why sshd refuses
The value in force for this login, after Match blocks, is `no`. sshd then leaves the method out of
its list.

## How to see it
The brackets lack publickey:
```
Permission denied (password,keyboard-interactive).
```
PuTTY asks for a password at once, or says
`No supported authentication methods available (server sent: )`; there is no line
`Server refused our key`.
sshd logs nothing at the default level; at DEBUG3: `method publickey not enabled`.
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i pubkeyauthentication
```

## Mend
- Ask the administrator whether keys are meant to be off.
- Switch them on for the account in a Match block, or for all, and reload.

## Pitfalls
- `DSAAuthentication no` in an old file is an alias of this keyword and, where it stands first,
  switches all keys off.
- The first value wins: a file in sshd_config.d may hold the `no`.
- `RSAAuthentication no` is harmless; it is ignored.
- Switching passwords off before keys work locks everybody out.
",
};
