//! `user-not-in-any-group`

use crate::prelude::*;

/// The cause `user-not-in-any-group`.
pub static CAUSE: Cause = Cause {
    id: "user-not-in-any-group",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in no group that has a name, and AllowGroups or DenyGroups is set",
    rule: "{keyword} {value} ({origin})",
    note: "group numbers without an entry in the group database are dropped; nothing was left to compare",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make a group with the account's primary group number, so that it has a name",
            commands: &["groupadd -g {gid} -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "bring the group database back (LDAP, SSSD), if the groups come from there",
            commands: &["getent group"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because not in any group",
    }],
    page: r#"None of the account's groups has a name, so sshd cannot compare groups ("not in any group").

## What it means
AllowGroups or DenyGroups is set, and the group numbers of the account have no entry in the group
database.

## Why sshd refuses
sshd compares names. Numbers without a name are dropped, and an account without any group is
refused where groups are asked for.

## How to see it
```
User alice from 198.51.100.7 not allowed because not in any group
```
Check:
```
id alice
getent group 2001
```
`id` prints a bare number where the name is missing.
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Give the number a name: `groupadd -g 2001 -- alice`.
- If groups come from LDAP or SSSD, bring that service back.

## Pitfalls
- It happens in containers and images that copy /etc/passwd and not /etc/group.
- A directory service that is down at start of the machine can cause it for some minutes.
- Once the group has a name, AllowGroups still has to contain it.
"#,
};
