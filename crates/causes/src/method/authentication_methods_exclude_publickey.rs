//! `authentication-methods-exclude-publickey`

use crate::prelude::*;

/// The cause `authentication-methods-exclude-publickey`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-exclude-publickey",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "AuthenticationMethods for {user} names no list that begins or goes on with publickey",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "the client is told of other methods and never offers the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether keys are meant to be enough for {user}; if so, give that account its own list in a Match block: Match User {user}, then AuthenticationMethods publickey",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with the method that the server asks for: {expected}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Debug3, text: "method publickey not allowed by AuthenticationMethods" },
    ],
    page: "AuthenticationMethods does not let this user log in with a key, so the server never offers publickey.

## What it means
AuthenticationMethods names the lists of methods that are enough for a login. None of the lists
for this user contains publickey.

## Why sshd refuses
A method that no list asks for next is not offered, and is refused if the client tries it all the
same.

## How to see it
The client never sends the key; the brackets show what is offered:
```
debug1: Authentications that can continue: password
Permission denied (password).
```
PuTTY goes straight to the password, or says
`No supported authentication methods available (server sent: keyboard-interactive)`.
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i authenticationmethods
```
At DEBUG3: `method publickey not allowed by AuthenticationMethods`.

## Mend
- Log in with the method that is asked for.
- Or ask the administrator for a list with publickey, for this user in a Match block, then reload.

## Pitfalls
- Commas join methods that are all needed; blanks separate lists of which one is enough:
  `publickey password` is either, `publickey,password` is both.
- The first line of the keyword wins with all its lists; a Match block replaces it.
- Each try of a method that is not allowed counts toward MaxAuthTries.
",
};
