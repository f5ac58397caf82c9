//! `login-grace-timeout`

use crate::prelude::*;

/// The cause `login-grace-timeout`.
pub static CAUSE: Cause = Cause {
    id: "login-grace-timeout",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "the login was not finished within LoginGraceTime, so sshd closed the connection",
    rule: "LoginGraceTime {value} seconds ({origin})",
    note: "the key may be fine; something took too long: a passphrase, a touch, a resolver, an AuthorizedKeysCommand",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "load the key into an agent first, so that no passphrase is asked for while the server waits",
            commands: &["ssh-add"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "find what is slow: a dead resolver with UseDNS yes, an AuthorizedKeysCommand, a PAM module, a home that mounts on demand",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give logins more time with LoginGraceTime in {origin}, then reload sshd: ask the administrator, each open login holds a MaxStartups place",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for connection from {from} to {to}, pid = {pid}",
        },
    ],
    page: r#"The login took longer than LoginGraceTime, so sshd closed the connection ("Timeout before authentication").

## What it means
From the connection on, a client has LoginGraceTime (120 seconds by default) to log in.
The key may be fine: the time went into a prompt or a slow service.

## Why sshd refuses
Each unfinished login holds one place of MaxStartups, so sshd takes the place back when the time
is up.
Since 9.9 up to four seconds are added at random. `LoginGraceTime 0` means no limit.

## How to see it
```
Timeout before authentication for 198.51.100.7 port 40000
Timeout before authentication for connection from 198.51.100.7 to 203.0.113.5, pid = 1234
```
The first is logged up to 9.7 (Debian's repair of CVE-2024-6387 leaves the line out), the second
since 9.8.
The client reads `Connection closed by 203.0.113.5 port 22`; PuTTY:
`Remote side unexpectedly closed network connection`.
Watch where the time goes with `ssh -vvv` on the client.

## Mend
- Load the key into an agent before connecting: `ssh-add`.
- Look for what is slow: `UseDNS yes` with a dead resolver, an AuthorizedKeysCommand, PAM with a
  remote directory, a home that mounts on demand.
- Raise LoginGraceTime only when the slowness has a good reason.

## Pitfalls
- With 9.8 and later, each timeout earns the address a penalty of ten seconds or more.
- LoginGraceTime cannot be set in a Match block.
- A security key that waits for a touch counts too.
"#,
};
