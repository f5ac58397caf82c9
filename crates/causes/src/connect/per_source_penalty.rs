//! `per-source-penalty`

use crate::prelude::*;

/// The cause `per-source-penalty`.
pub static CAUSE: Cause = Cause {
    id: "per-source-penalty",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd refuses connections from {from} for a while, as a penalty for earlier failures from there",
    rule: "PerSourcePenalties {value} ({origin})",
    note: "it clears by itself, after at most the max time (600 seconds by default); each further try makes it longer",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "wait without connecting until the penalty has run out, then connect once with the right user and key",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "add {from} to PerSourcePenaltyExemptList, then reload sshd: ask the administrator, an exempt address may guess without end",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} penalty: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "{family}: new {from} active penalty of {duration} seconds for penalty: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "{from}: activating {family} penalty of {duration} seconds for penalty: {reason}",
        },
        LogLine {
            level: Level::Verbose,
            text: "{family}: new {from} deferred penalty of {duration} seconds for penalty: {reason}",
        },
    ],
    page: r#"sshd 9.8 or later refuses your address for a while after failures from there ("Not allowed at this time").

## What it means
Each connection that ends without a login costs its address some seconds; the seconds add up.
Once the sum passes the minimum (15 seconds), new connections are dropped until the time has run
out, at most the maximum (600 seconds).

## Why sshd refuses
PerSourcePenalties is on by default since 9.8. By default a failed login costs 5 seconds, a
connection without an attempt 1, a timeout 10, a crash of the server's process 90; an unknown user
costs 5 since 10.3.
A connection that ends in a login costs nothing, even if keys failed in it.

## How to see it
```
kex_exchange_identification: banner line 0: Not allowed at this time
```
PuTTY: `Remote side unexpectedly closed network connection`. sshd logs why:
```
srclimit_penalise: ipv4: new 198.51.100.7/32 active penalty of 20 seconds for penalty: failed authentication
drop connection #0 from [198.51.100.7]:40000 on [203.0.113.5]:22 penalty: failed authentication
```

## Mend
- Wait without connecting, then try once with the right user and key.
- Correct what fails in a loop: monitoring probes, backup jobs, agents with many keys.
- List bastions and monitoring hosts in PerSourcePenaltyExemptList, with the administrator.

## Pitfalls
- Four quick failures are enough, and each further try makes the wait longer.
- Asking whether a key would be accepted, and then hanging up, is a failure too.
- Everyone behind one NAT shares the penalty, and loopback is not exempt.
- A later line `PerSourcePenalties authfail:...` switches the feature on again after an earlier
  `no`.
"#,
};
