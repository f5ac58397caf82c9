//! `authentication-methods-order`

use crate::prelude::*;

/// The cause `authentication-methods-order`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-order",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "AuthenticationMethods for {user} wants another method before publickey",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "publickey is not offered until {expected} has succeeded; the key was not looked at",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "give the first method first: {expected}; the key is asked for after it",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether the order is meant; publickey first, then {expected}, asks for the same two things",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug3,
        text: "method publickey not allowed by AuthenticationMethods",
    }],
    page: r#"The server wants another method before the key, so it does not offer publickey yet.

## What it means
AuthenticationMethods lists have an order. Here something else, such as a password, comes first
and publickey later.

## Why sshd refuses
Only methods that stand next in a list are offered. A key that comes too early is refused without
being looked at.

## How to see it
```
debug1: Authentications that can continue: password
```
The key is not offered, then after the password:
```
Authenticated using "password" with partial success.
debug1: Authentications that can continue: publickey
```
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i authenticationmethods
```

## Mend
- Give the methods in the server's order; clients do so by themselves when they may ask.
- If the order is not meant, write `publickey,password` and reload: the same two factors, key
  first.

## Pitfalls
- A client with `PreferredAuthentications publickey` or BatchMode yes never reaches the key.
- A key that is sent too early counts toward MaxAuthTries.
- With the password first, guesses at it reach PAM; with the key first, they do not.
"#,
};
