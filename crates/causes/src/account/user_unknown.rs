//! `user-unknown`

use crate::prelude::*;

/// The cause `user-unknown`.
pub static CAUSE: Cause = Cause {
    id: "user-unknown",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "there is no account {user} on this server",
    rule: "getpwnam({user}) found nothing",
    note: "sshd goes on as if there were one and refuses each key, so that nobody can guess names from outside",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in under the account's real name; it is case-sensitive (cloud images use ubuntu, ec2-user, admin, debian, rocky, core …)",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "the nearest account name here is {other_user}: try that one",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "if the account comes from LDAP or SSSD, see whether that service answers",
            commands: &["getent passwd -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Invalid user {user} from {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Login attempt for nonexistent user from {from}",
        },
        LogLine {
            level: Level::Info,
            text: "Login attempt for nonexistent user",
        },
    ],
    page: r#"There is no such account on the server ("Invalid user"), and sshd does not tell the client.

## What it means
The name that the client sent is not in the account database. Every key and every password is
refused for it.

## Why sshd refuses
sshd goes through the motions as if there were an account, so that nobody can find out names from
outside. To the client it looks like a wrong key.

## How to see it
```
Invalid user ubuntu from 198.51.100.7 port 40000
Connection closed by invalid user ubuntu 198.51.100.7 port 40000 [preauth]
```
Dropbear: `Login attempt for nonexistent user from 198.51.100.7:40000`.
On the server: `getent passwd ubuntu`. On the client, which name is sent:
`ssh -G server | grep '^user '`.
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Use the right name. Images of clouds have their own: ubuntu, ec2-user (Amazon, RHEL), admin or
  debian, fedora, rocky, centos, opc (Oracle), core, azureuser; git for forges.
- If the name comes from LDAP or SSSD, see whether that service answers.

## Pitfalls
- Names are case-sensitive: `Alice` is not `alice`.
- Without `user@`, ssh sends the local login name, or the User of a Host block.
- A carriage return or blank from a script becomes part of the name.
- The log says `invalid user` for existing accounts too when AllowUsers, a locked account or a
  missing shell keeps them out; the line before it tells.
- 10.3 and later penalise the address for unknown users.
"#,
};
