//! `user-not-allowed`

use crate::prelude::*;

/// The cause `user-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "AllowUsers lets in others, not {user}",
    rule: "AllowUsers {value} ({origin})",
    note: "once AllowUsers is set, whoever it does not name is kept out; no key was compared",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in; if so, add {user} to AllowUsers at {origin}, blanks between names and no commas, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "User {user} from {from} not allowed because not listed in AllowUsers",
    }],
    page: r#"AllowUsers is set and does not name the account ("not allowed because not listed in AllowUsers").

## What it means
Once AllowUsers has any item, whoever fits none of them is kept out, with every method.

## Why sshd refuses
sshd compares the account's name with each item before it looks at keys. None fits, so the account
counts as unknown.

## How to see it
```
User alice from 198.51.100.7 not allowed because not listed in AllowUsers
Connection closed by invalid user alice 198.51.100.7 port 40000 [preauth]
```
The value in force for that login:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i allowusers
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Ask the administrator whether the account may log in.
- Add the name behind a blank: `AllowUsers bob alice`. Check with `/usr/sbin/sshd -t`, and reload.

## Pitfalls
- `AllowUsers alice,bob` is one item that contains a comma and never fits.
- `!bob` is a literal name, not a negation.
- Items are case-sensitive and compared with the account's own name.
- Lists of several lines add up; a Match block's list replaces all of them.
- Hardening scripts add the keyword and forget the login user of the image.
- Up to 8.6 a comment behind the names is read as more names.
"#,
};
