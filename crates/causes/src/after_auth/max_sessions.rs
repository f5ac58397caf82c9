//! `max-sessions`

use crate::prelude::*;

/// The cause `max-sessions`.
pub static CAUSE: Cause = Cause {
    id: "max-sessions",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd opens no further session on this connection: MaxSessions is reached",
    rule: "MaxSessions {value} ({origin})",
    note: "the key is accepted; with 0 no shell is ever opened, with more it is the shared connection that is full",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "close sessions on the shared connection, or open a connection of its own",
            commands: &["ssh -S none -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise MaxSessions at {origin}, then reload sshd: ask the administrator, 0 is set to forbid shells",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "no more sessions" },
    ],
    page: "sshd opens no further session on this connection because MaxSessions is reached, or is 0.

## What it means
One connection can carry several sessions (shells, commands, sftp). MaxSessions bounds them, 10 by
default. With 0 only forwarding is possible.

## Why sshd refuses
The request for one more session is turned down. Authentication is long over; the key was
accepted.

## How to see it
On a shared connection:
```
mux_client_request_session: session request failed: Session open refused by peer
channel 11: open failed: connect failed: open failed
```
With `MaxSessions 0` the first shell fails: `channel 0: open failed`. PuTTY:
`Server refused to open main channel: open failed`. sshd logs:
```
no more sessions
```
The setting:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i maxsessions
```

## Mend
- Close sessions, or open a connection of its own: `ssh -S none alice@server`.
- Raise the number where one connection has to carry many jobs; 0 is a decision to ask about.

## Pitfalls
- Ansible, editors and backup tools share one connection and fill it up.
- OpenSSH clients fall back to a new connection by themselves, so the log shows the line while all
  works.
- MaxStartups is something else: it counts logins that are not finished.
",
};
