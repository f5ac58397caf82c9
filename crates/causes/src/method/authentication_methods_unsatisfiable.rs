//! `authentication-methods-unsatisfiable`

use crate::prelude::*;

/// The cause `authentication-methods-unsatisfiable`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-unsatisfiable",
    stage: Stage::Method,
    seen: Seen::Disconnected,
    title: "no list of AuthenticationMethods for {user} can be met: each names a method that is switched off",
    rule: "AuthenticationMethods {value} ({origin}); not enabled: {found}",
    note: "sshd ends the connection at the first request; no key was looked at",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "name only enabled methods in AuthenticationMethods at {origin}, publickey among them, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or enable what the list asks for ({found}): ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "No AuthenticationMethods left after eliminating disabled methods",
        },
        LogLine {
            level: Level::Info,
            text: r#"Authentication methods list "{value}" contains disabled method, skipping"#,
        },
        LogLine {
            level: Level::Info,
            text: "AuthenticationMethods cannot be satisfied by enabled authentication methods",
        },
        LogLine {
            level: Level::Info,
            text: "Disconnecting authenticating user {user} {from} port {port}: no authentication methods enabled",
        },
    ],
    page: r#"AuthenticationMethods asks for methods that are switched off, so nobody it applies to can log in.

## What it means
Each list for this user names at least one method that is not enabled. sshd drops those lists, and
none is left.

## Why sshd refuses
There is no way in, so sshd ends the connection at the first request. In the global section the
same fault stops sshd at start-up; in a Match block it shows only at the login.

## How to see it
```
Received disconnect from 203.0.113.5 port 22:2: no authentication methods enabled
```
PuTTY:
`Remote side sent disconnect message type 2 (protocol error): "no authentication methods enabled"`.
sshd logs:
```
Authentication methods list "publickey,keyboard-interactive" contains disabled method, skipping
No AuthenticationMethods left after eliminating disabled methods
```
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -iE 'authentication'
```

## Mend
- Name only methods that are enabled, publickey among them.
- Or enable the one that is missing, for this user alone, after asking the administrator.
- Check with `/usr/sbin/sshd -t`, reload, and test the login of that user.

## Pitfalls
- `sshd -t` does not find the fault inside a Match block.
- Debian and Ubuntu ship `KbdInteractiveAuthentication no`: lists with keyboard-interactive need
  it back.
- `any` clears a global list in a Match block; up to 9.6 that was rejected after some global
  lists.
"#,
};
