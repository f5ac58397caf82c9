//! `group-not-allowed`

use crate::prelude::*;

/// The cause `group-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "group-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "{user} is in no group that AllowGroups lets in",
    rule: "AllowGroups {value} ({origin})",
    note: "the account's groups are: {found}; no key was compared",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may log in; if so, add the account to an allowed group",
            commands: &["usermod -aG {group} -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add a group that holds {user} alone to AllowGroups at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "User {user} from {from} not allowed because none of user's groups are listed in AllowGroups",
        },
        LogLine {
            level: Level::Info,
            text: "Logins are restricted to the group {found} but user '{user}' is not a member",
        },
    ],
    page: r#"No group of the account stands in AllowGroups ("none of user's groups are listed in AllowGroups").

## What it means
Once AllowGroups is set, only members of the groups it names may log in, with any method.

## Why sshd refuses
sshd takes the primary group and all others of the account and compares their names with each
item. None fits, so the account counts as unknown before any key is compared.

## How to see it
```
User alice from 198.51.100.7 not allowed because none of user's groups are listed in AllowGroups
```
Compare:
```
id -Gn alice
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i allowgroups
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Ask the administrator whether the account may log in.
- Add it to an allowed group: `usermod -aG sshusers -- alice`. sshd needs no reload for that.

## Pitfalls
- `AllowGroups sshusers,admins` is one item that contains a comma and never fits. Put blanks
  between names.
- AllowUsers and AllowGroups both have to let the account in; one does not replace the other.
- A line appended at the end of sshd_config lands in the last Match block.
- Without `-a`, `usermod -G` takes the account out of all its other groups.
"#,
};
