//! `per-source-max-startups`

use crate::prelude::*;

/// The cause `per-source-max-startups`.
pub static CAUSE: Cause = Cause {
    id: "per-source-max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd drops new connections from {from}: as many logins from there are unfinished as PerSourceMaxStartups allows",
    rule: "PerSourceMaxStartups {value} ({origin})",
    note: "addresses of one network block count as one source, so another machine behind the same NAT can use the places up",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "close the connections that hang at a password or passphrase prompt, or wait until they end",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise PerSourceMaxStartups in {origin}, or narrow PerSourceNetBlockSize, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} past MaxStartups" },
        LogLine { level: Level::Info, text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} Maxstartups" },
        LogLine { level: Level::Debug3, text: "new unauthenticated connection from {from}/{bits}, at {found} of {value}" },
    ],
    page: "sshd drops connections from your address because as many unfinished logins are open from there as PerSourceMaxStartups allows.

## What it means
It is MaxStartups counted for each source apart (OpenSSH 8.5 and later; no limit by default).
A source is a network block: PerSourceNetBlockSize says how large, 32:128 by default, that is one
address.

## Why sshd refuses
One source shall not use up the places of all. The drop comes before anything is read; the key has
no part in it.

## How to see it
The client sees the same as for MaxStartups:
```
kex_exchange_identification: banner line 0: Exceeded MaxStartups
kex_exchange_identification: banner line 0: Not allowed at this time
```
sshd's line is the same too; the settings tell the two apart:
```
/usr/sbin/sshd -T | grep -i persource
ss -tn state established sport = :22
```

## Mend
- Close clients that wait at a prompt, or let them finish.
- Share one connection among parallel jobs: `ControlMaster auto` in the client's ssh_config.
- Raise the number, or narrow the block, if many people share the address.

## Pitfalls
- All people behind one NAT or bastion are one source.
- A block size such as 24:56 makes strangers of the same network count with you.
- Finished logins do not count; only those before authentication do.
",
};
