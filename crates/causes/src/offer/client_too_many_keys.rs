//! `client-too-many-keys`

use crate::prelude::*;

/// The cause `client-too-many-keys`.
pub static CAUSE: Cause = Cause {
    id: "client-too-many-keys",
    stage: Stage::Offer,
    seen: Seen::Disconnected,
    title: "the agent at {path} offers {count} keys, and a server hears {limit}: {fingerprint} is number {position}",
    rule: "each refused key counts, and at MaxAuthTries (6 unless set) sshd ends the connection",
    note: "which of the keys comes first is the order in which they were added",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "name the key for this host, so that no other is offered: IdentitiesOnly yes and IdentityFile in ~/.ssh/config",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or for one login: ssh -o IdentitiesOnly=yes -i the key file (its .pub is enough)",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "maximum authentication attempts exceeded for {user} from {from} port {port} ssh2",
        },
        LogLine {
            level: Level::Info,
            text: "Disconnecting authenticating user {user} {from} port {port}: Too many authentication failures",
        },
    ],
    page: "The agent offers so many keys that the server ends the connection before the right one: Received disconnect from server: Too many authentication failures.

## What it means
The client offers the keys of the agent one after another. The server counts each refused one, and
after MaxAuthTries of them, six as a rule, it hangs up. The right key was further down the list.

## Why sshd refuses
It does not refuse the key; it never gets to see it. A method such as a password, too, comes after
the keys and is not reached.

## How to see it
```
sshwhy agent list
ssh -v alice@server 2>&1 | grep Offering
```
The client reads `Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures`;
the server logs
`error: maximum authentication attempts exceeded for alice from 192.0.2.9 port 40000 ssh2 [preauth]`.

## Mend
- In ~/.ssh/config: `Host server`, `IdentitiesOnly yes`, `IdentityFile ~/.ssh/that_key` (or its
  .pub, where the private half is in the agent alone).
- In PuTTY: set the key file of the session; then only that key of Pageant is tried.
- `sshwhy agent remove` for keys that nobody needs any more.

## Pitfalls
- A certificate in the agent counts beside its plain key: two offers.
- `IdentityFile` without `IdentitiesOnly yes` does not keep the agent's other keys back.
- OpenSSH 9.8 and later also slow down addresses that fail often.
",
};
