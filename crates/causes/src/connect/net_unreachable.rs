//! `net-unreachable`

use crate::prelude::*;

/// The cause `net-unreachable`.
pub static CAUSE: Cause = Cause {
    id: "net-unreachable",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "no connection to {host} port {port}: {reason}",
    rule: "the client's connection is refused, times out, or its name has no address, before any SSH is spoken",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "check the name, the port and the network between: another port, a firewall, a host that is down",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "if another host on that network can be reached, try from there",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "No connection to the server came about: Connection refused, Connection timed out, No route to host, Could not resolve hostname.

## What it means
The name has no address, nothing answers at that address and port, or something between drops the
packets. No key was looked at.

## Why sshd refuses
It does not refuse: it never heard of this client.

## How to see it
```
ssh -v alice@server
```
OpenSSH: `ssh: connect to host server port 22: Connection refused`, `ssh: Could not resolve hostname server:
Name or service not known`. PuTTY: `Network error: Connection refused`, `Network error: Connection timed
out`, `Unable to open connection to server`, `Host does not exist`.

## Mend
- *Connection refused*: the host is up, and nothing listens on that port (or a firewall says so): check
  the port, and on the server `sshwhy audit`.
- *Timed out*, *No route to host*: a firewall, a ban, a wrong address, or the host is down.
- *Could not resolve*: the name is mistyped, or the VPN that knows it is not up.

## Pitfalls
- A ban by fail2ban may refuse or drop: then other machines get through, and this one does not.
- A name with several addresses may lead to several machines.
",
};
