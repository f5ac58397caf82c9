//! `not-an-ssh-server`

use crate::prelude::*;

/// The cause `not-an-ssh-server`.
pub static CAUSE: Cause = Cause {
    id: "not-an-ssh-server",
    stage: Stage::Transport,
    seen: Seen::NoConnection,
    title: "what answers at {host} port {port} is no SSH server: {found}",
    rule: "an SSH server begins with an identification string, `SSH-2.0-`; nothing of the kind came",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "check the port: a web server, a proxy or a mail server answers here",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Something answers at that port, and it does not speak SSH: Bad remote protocol version identification, or kex_exchange_identification: Connection closed by remote host.

## What it means
The connection was made, and the other side spoke another protocol, or ended it after bytes that are
no SSH identification string.

## Why sshd refuses
There is no sshd at that end, or a proxy stands before it.

## How to see it
```
nc -v server 22
```
The first line of an SSH server begins `SSH-2.0-`. PuTTY: `Remote side sent SSH-1 ...` or
`Remote side unexpectedly closed network connection`. OpenSSH: `kex_exchange_identification: read:
Connection reset by peer`.

## Mend
- Name the right port (-p, or Port in ssh_config, or PuTTY's Session panel).
- Behind a web proxy, use the proxy command that the network's administrator names.

## Pitfalls
- sshd may send lines of text before its identification string; those alone are no fault.
- A captive portal of a hotel network answers on every port.
",
};
