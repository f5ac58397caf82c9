//! `user-not-allowed-from-host`

use crate::prelude::*;

/// The cause `user-not-allowed-from-host`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed-from-host",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "AllowUsers lets {user} in from other addresses, not from {from}",
    rule: "AllowUsers {value} ({origin}); {pattern} does not fit {from}",
    note: "the user part fits and the part after @ does not; no key was compared",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect from an address that {pattern} fits, through the VPN or the jump host that it stands for",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {from} may be added; if so, add {user}@{from} to AllowUsers at {origin}, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "User {user} from {from} not allowed because not listed in AllowUsers" },
    ],
    page: "AllowUsers lets this account in from certain addresses only, and the client comes from another.

## What it means
An item such as `alice@10.0.0.0/8` binds the account to an address. The user part fits, the
address does not, and no other item fits.

## Why sshd refuses
The part behind the last `@` is compared with the client's address as sshd sees it; with a host
name only where `UseDNS yes` is set.

## How to see it
The log line is the one for a missing name; look at the address in it:
```
User alice from 198.51.100.7 not allowed because not listed in AllowUsers
```
The value in force for that login:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i allowusers
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Come from an address that fits: VPN, office, jump host (`ssh -J jump alice@server`).
- Or ask the administrator to add the address, and reload.

## Pitfalls
- NAT, VPN and IPv6 change what the server sees: the log shows the address that counts.
- A host name behind `@` never fits while `UseDNS no` (the default since 6.8) is in force.
- `alice@` items count only for alice; an item `*@10.*` counts for all.
- An address range with host bits set (10.0.0.5/8) stops sshd from starting.
",
};
