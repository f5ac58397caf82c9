//! `group-denied`

use crate::prelude::*;

/// The cause `group-denied`.
pub static CAUSE: Cause = Cause {
    id: "group-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in a group that DenyGroups keeps out",
    rule: "DenyGroups {value} ({origin}) fits the group {group}",
    note: "DenyGroups is judged before AllowGroups, and one group that fits is enough; no key was compared",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} is meant to be kept out; if not, take the account out of the group",
            commands: &["gpasswd -d {user} {group}"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "narrow DenyGroups at {origin} so that it no longer fits, then reload sshd: ask the administrator, it lets in all other members too",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because a group is listed in DenyGroups",
    }],
    page: r#"A group of the account stands in DenyGroups ("a group is listed in DenyGroups").

## What it means
The administrator keeps members of a group out, and the account is a member, by its primary or
another group.

## Why sshd refuses
The order is DenyUsers, AllowUsers, DenyGroups, AllowGroups; all must let the account pass. One
group that fits DenyGroups is enough, whatever AllowGroups says.

## How to see it
```
User alice from 198.51.100.7 not allowed because a group is listed in DenyGroups
```
Compare the groups with the setting:
```
id -Gn alice
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i groups
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Ask the administrator whether the account is meant.
- If not, take it out of the group: `gpasswd -d alice devs`. A new login sees it at once.
- Or narrow DenyGroups, check with `/usr/sbin/sshd -t`, and reload.

## Pitfalls
- `DenyGroups *` beats every AllowGroups: everyone is out.
- Items are plain patterns with `*` and `?`: no `!`, and a comma is part of the name.
- Caches of group lists (nscd, SSSD) can be minutes behind.
- In a Match block the list replaces the global one.
"#,
};
