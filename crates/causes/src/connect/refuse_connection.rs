//! `refuse-connection`

use crate::prelude::*;

/// The cause `refuse-connection`.
pub static CAUSE: Cause = Cause {
    id: "refuse-connection",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "RefuseConnection closes each connection of {user} from {from} at the first authentication request",
    rule: "RefuseConnection yes ({origin})",
    note: "the key was not looked at; each try also earns a penalty of 10 seconds by default",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may log in from {from}; if so, narrow the Match line that RefuseConnection stands under, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect as the account or from the address that the server is open to: ask the administrator",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "administratively prohibited connection for {user} from {from} port {port}" },
        LogLine { level: Level::Info, text: "administratively prohibited connection for invalid user {user} from {from} port {port}" },
    ],
    page: "The server's RefuseConnection setting closes this connection at the first authentication request.

## What it means
The administrator turned away a user, an address or both, with `RefuseConnection yes` (OpenSSH 9.9
and later), most often under a Match line.

## Why sshd refuses
After the first request sshd knows user and address, evaluates the Match blocks, and ends the
connection where RefuseConnection is in force. No key is looked at.

## How to see it
The client sees a close in place of an answer:
```
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`. sshd logs:
```
administratively prohibited connection for alice from 198.51.100.7 port 40000
```
Ask for the setting of that login:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i refuseconnection
```

## Mend
- It is somebody's decision: ask the administrator whether this user and address are meant.
- If not, narrow the Match line, check with `/usr/sbin/sshd -t`, and reload.

## Pitfalls
- Each try earns a penalty (ten seconds by default), so after a few the address is dropped before
  it is asked.
- A Match block runs to the next Match or the end of the file: a line appended at the end lands
  inside the last block.
- `Match Invalid-User` with RefuseConnection hits people who mistype their name.
",
};
