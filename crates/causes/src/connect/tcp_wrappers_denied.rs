//! `tcp-wrappers-denied`

use crate::prelude::*;

/// The cause `tcp-wrappers-denied`.
pub static CAUSE: Cause = Cause {
    id: "tcp-wrappers-denied",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "TCP wrappers close connections from {from}",
    rule: "{file}, line {line}; this build asks libwrap: /etc/hosts.allow first, then /etc/hosts.deny, and the first line that fits decides",
    note: "the connection is closed before the identification string; the key was not looked at",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "let the address {from} in with a line for sshd in /etc/hosts.allow (it is read first): ask the administrator whether the block is meant",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "refused connect from {host} ({from})",
        },
        LogLine {
            level: Level::Other,
            text: "refused connect from {from}",
        },
        LogLine {
            level: Level::Debug1,
            text: "Connection refused by tcp wrapper",
        },
    ],
    page: r#"/etc/hosts.allow and /etc/hosts.deny close the connection before SSH begins ("refused connect from").

## What it means
This sshd is built with TCP wrappers (libwrap), as Debian, Ubuntu and SUSE build it, and their
files keep your address out.

## Why sshd refuses
The first fitting line of hosts.allow lets in; else the first fitting line of hosts.deny keeps
out; else all may enter. It is asked before the identification string, so the key has no part in
it.

## How to see it
The client reads:
```
kex_exchange_identification: read: Connection reset by peer
kex_exchange_identification: Connection closed by remote host
```
PuTTY: `Remote side unexpectedly closed network connection`. On the server:
```
refused connect from client.example (198.51.100.7)
```
Is libwrap there, and what do the files say?
```
ldd /usr/sbin/sshd | grep libwrap
grep -n sshd /etc/hosts.allow /etc/hosts.deny
```

## Mend
- Ask the administrator whether the block is meant.
- Add a line such as `sshd: 198.51.100.7` to /etc/hosts.allow. No reload is needed.

## Pitfalls
- Upstream OpenSSH dropped libwrap in 6.7, and RHEL since 8: there the files do nothing.
- The daemon's name is its program's name; with the split of 9.8 it can be `sshd` or
  `sshd-session`, as the distribution patched it.
- A host name in these files needs a resolver; when that is dead, the line does not fit.
- DenyHosts and similar programs write hosts.deny by themselves.
"#,
};
