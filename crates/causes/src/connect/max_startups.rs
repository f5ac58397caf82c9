//! `max-startups`

use crate::prelude::*;

/// The cause `max-startups`.
pub static CAUSE: Cause = Cause {
    id: "max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd drops new connections: more logins are unfinished than MaxStartups allows",
    rule: "MaxStartups {value} ({origin})",
    note: "the drop hits connections at random and has nothing to do with the key; trying again later works",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "wait until the unfinished connections are gone, then connect once; do not retry in a loop",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see who holds the unfinished connections, and stop the ones that do not belong",
            commands: &["ss -tnp state established sport = :22"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise MaxStartups in {origin}, then reload sshd: ask the administrator, the limit guards against floods",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "beginning MaxStartups throttling",
        },
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} past MaxStartups",
        },
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} Maxstartups",
        },
        LogLine {
            level: Level::Info,
            text: "in MaxStartups throttling for {duration}, {found} connections dropped",
        },
        LogLine {
            level: Level::Info,
            text: "exited MaxStartups throttling after {duration}, {found} connections dropped",
        },
    ],
    page: r#"sshd drops connections because too many unfinished logins are open ("past MaxStartups").

## What it means
MaxStartups bounds how many connections may be unauthenticated at the same time.
With the default `10:30:100`, from 10 on each new one is dropped with a chance of 30 %, rising
until all are dropped at 100.

## Why sshd refuses
A flood of unfinished logins would tie up the machine. The drop comes before anything is read, so
the key has no part in it.

## How to see it
The client gets a line in place of the server's identification:
```
kex_exchange_identification: banner line 0: Exceeded MaxStartups
kex_exchange_identification: banner line 0: Not allowed at this time
```
The first text is of 8.2 to 9.7, the second of 9.8 and later. PuTTY:
`Remote side unexpectedly closed network connection`.
sshd logs:
```
beginning MaxStartups throttling
drop connection #10 from [198.51.100.7]:40000 on [203.0.113.5]:22 past MaxStartups
```
Count unfinished logins with `ss -tnp state established sport = :22` as root.

## Mend
- Wait, then connect once. Scripts should open connections one after another, or share one
  (ControlMaster).
- Find who floods the port, and keep that address away in a firewall.
- Raise MaxStartups where many real clients start at the same moment.

## Pitfalls
- It comes and goes: the same login works a second later. That is its mark.
- Slow logins (a dead resolver, a slow key command) fill the places without any attack.
- MaxStartups is not MaxSessions, which counts sessions inside one connection.
"#,
};
