//! `max-auth-tries-zero`

use crate::prelude::*;

/// The cause `max-auth-tries-zero`.
pub static CAUSE: Cause = Cause {
    id: "max-auth-tries-zero",
    stage: Stage::Method,
    seen: Seen::Disconnected,
    title: "MaxAuthTries is {value} for {user}, so sshd ends the connection before a key is offered",
    rule: "MaxAuthTries {value} ({origin})",
    note: "sshd -t takes 0, and it does not mean without a limit",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator what MaxAuthTries {value} at {origin} is for, and whether {user} is meant to log in at all",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "if so, set it to 1 or more at {origin} (6 unless set), then check and reload",
            commands: &["sshd -t && systemctl reload {unit}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "maximum authentication attempts exceeded for {user} from {from} port {port} ssh2",
    }],
    page: "The server says \"Too many authentication failures\" before the client has tried anything.

## What it means
MaxAuthTries is 0 for this login. No key, no password and no other method can be used.

## Why sshd refuses
A client first asks with the method `none` which methods there are. That attempt is free, and after
it sshd compares the number of failures, which is 0, with MaxAuthTries: it is reached.

## How to see it
The client shows no key being offered:
```
Received disconnect from 203.0.113.5 port 22:2: Too many authentication failures
```
sshd logs at the default level:
`error: maximum authentication attempts exceeded for alice from 192.0.2.9 port 40000 ssh2 [preauth]`.
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i maxauthtries
```

## Mend
- Ask the administrator whether logins are meant to be off.
- Set MaxAuthTries to 1 or more, or take the line away (6 is the default), and reload.

## Pitfalls
- The keyword holds in a Match block too: one account or one network may be shut out.
- The same words follow when an agent offers too many keys; then the client's log shows each offer.
",
};
