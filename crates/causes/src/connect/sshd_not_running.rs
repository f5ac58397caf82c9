//! `sshd-not-running`

use crate::prelude::*;

/// The cause `sshd-not-running`.
pub static CAUSE: Cause = Cause {
    id: "sshd-not-running",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "no sshd listens at the address and port of the connection",
    rule: "{to} has no listener",
    note: "no key was looked at; the client sees a refused or timed-out connection",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "check the configuration, then start sshd, and have it start with the machine",
            commands: &["/usr/sbin/sshd -t", "systemctl enable --now {unit}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect to the address and port that sshd listens on: {value}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Bind to port {port} on {address} failed: {reason}.",
        },
        LogLine {
            level: Level::Info,
            text: "Cannot bind any address.",
        },
        LogLine {
            level: Level::Info,
            text: "RESTART FAILED: av[0]='{path}', error: {reason}.",
        },
    ],
    page: r#"No sshd listens on that address and port ("Connection refused").

## What it means
The connection reached the machine, or was lost on the way, and no SSH server took it.
No user, key or setting was looked at.

## Why sshd refuses
There is none that could. It may be stopped, masked, failed at start-up, or listen elsewhere
(Port, ListenAddress, a socket unit).

## How to see it
```
ssh: connect to host server port 22: Connection refused
```
PuTTY: `Network error: Connection refused`. On the server:
```
ss -ltnp | grep sshd
systemctl status sshd ssh ssh.socket
journalctl -u ssh -u sshd -n 30
```
A healthy start logs `Server listening on 0.0.0.0 port 22.`; a taken port logs
`Bind to port 22 on 0.0.0.0 failed: Address already in use.`

## Mend
- `/usr/sbin/sshd -t` first: a bad file is the usual reason for a failed start.
- `systemctl enable --now sshd` (the unit is `ssh` on Debian and Ubuntu, with `sshd` as its
  alias).
- Or connect to the port and address it does listen on.

## Pitfalls
- Time-outs, in contrast to refusals, point to a firewall or a wrong address.
- On Ubuntu since 22.10 `ssh.socket` listens: a changed `Port` needs `systemctl daemon-reload` and
  a restart of the socket.
- An answer from another machine or container on that port looks like a refused key. Compare host
  key fingerprints.
"#,
};
