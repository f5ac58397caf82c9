//! `fail2ban-or-firewall-ban`

use crate::prelude::*;

/// The cause `fail2ban-or-firewall-ban`.
pub static CAUSE: Cause = Cause {
    id: "fail2ban-or-firewall-ban",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "a firewall rule on the server keeps {from} from reaching sshd",
    rule: "{path} drops or rejects {from} before sshd sees it",
    note: "sshd logs nothing for a connection that never reaches it; the key was not looked at",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "lift the ban of {from}, once the administrator agrees that the failures behind it were yours",
            commands: &["fail2ban-client set sshd unbanip {from}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let the address {from} through in the firewall's own rules, where fail2ban is not the one that bans: ask the administrator whether the rule is meant",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Other, text: "[sshd] Ban {from}" },
        LogLine { level: Level::Other, text: "NOTICE [sshd] Ban {from}" },
        LogLine { level: Level::Other, text: "[sshd] {from} already banned" },
    ],
    page: "A firewall, or a program such as fail2ban that feeds it, drops your address before sshd hears of you.

## What it means
Your packets are rejected or dropped on the way, most often for a while, after several failed
logins.
The key plays no part: other addresses reach the same server with it.

## Why sshd refuses
sshd does not: it never sees the connection, so its log is silent.
fail2ban's stock jail counts lines such as `Invalid user`, `not allowed because`,
`ROOT LOGIN REFUSED` and `maximum authentication attempts exceeded`, five within ten minutes by
default, and then writes a firewall rule for the address.

## How to see it
From the client it is a refusal or a silence before any SSH text:
```
ssh: connect to host server port 22: Connection refused
ssh: connect to host server port 22: Connection timed out
```
PuTTY: `Network error: Connection refused` or `Network error: Connection timed out`.
On the server, as root:
```
fail2ban-client status sshd
nft list ruleset | grep 203.0.113.5
iptables -S | grep 203.0.113.5
```

## Mend
- Wait until the ban ends (ten minutes by default), and do not retry meanwhile.
- Lift it: `fail2ban-client set sshd unbanip 203.0.113.5`, after finding out which failures caused
  it.
- Correct what failed: a wrong user name, an agent with many keys, a script that loops.

## Pitfalls
- From outside, a ban looks like TCP wrappers, a wrong port or a server that is down.
- A ban hits everyone behind the same NAT address.
- If the cause is not mended first, the next login brings the ban back.
",
};
