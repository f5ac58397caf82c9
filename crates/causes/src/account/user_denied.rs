//! `user-denied`

use crate::prelude::*;

/// The cause `user-denied`.
pub static CAUSE: Cause = Cause {
    id: "user-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "DenyUsers keeps {user} out",
    rule: "DenyUsers {value} ({origin}); {pattern} fits",
    note: "DenyUsers is judged before AllowUsers, and one pattern that fits is enough; no key was compared",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} is meant to be kept out; if not, take {pattern} out of DenyUsers at {origin}, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because listed in DenyUsers",
    }],
    page: r#"The account fits DenyUsers ("not allowed because listed in DenyUsers").

## What it means
The administrator keeps this user, or this user from this address, out.

## Why sshd refuses
DenyUsers is judged first of the four lists; one item that fits is enough, and AllowUsers cannot
win against it.
An item is a pattern with `*` and `?`; with `@` the part behind it is compared with the client's
address.

## How to see it
```
User alice from 198.51.100.7 not allowed because listed in DenyUsers
```
The value in force for that login:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i denyusers
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- It is somebody's decision: ask the administrator.
- If it is not meant, take the item out, check with `/usr/sbin/sshd -t`, and reload.

## Pitfalls
- `DenyUsers *` with exceptions in AllowUsers does not work: deny wins.
- `!bob` is a literal name here, not a negation.
- The list of a Match block replaces the global one, so a user may be denied there alone.
- Programs against break-ins (fail2ban, sshguard, panels) may write the line.
"#,
};
