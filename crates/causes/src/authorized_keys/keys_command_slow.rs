//! `keys-command-slow`

use crate::prelude::*;

/// The cause `keys-command-slow`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-slow",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Disconnected,
    title: "AuthorizedKeysCommand {path} takes too long",
    rule: "LoginGraceTime runs on while sshd waits for it, and sshd runs it for the query and again for the signature",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "measure it, and bring the service back that it asks",
            commands: &["time su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "give the program a time limit of its own and a cache, so that it answers within a second or two",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Timeout before authentication for connection from {from} to {to}, pid = {pid}",
        },
    ],
    page: r#"Logins by key hang and time out: AuthorizedKeysCommand takes too long.

## What it means

The program waits for something: a directory server, DNS, the network. sshd waits with it.

## Why sshd refuses

LoginGraceTime (120 seconds by default) runs on meanwhile, and sshd runs the program twice for each key that is accepted. When the time is over, the connection is closed.

## How to see it

- sshd to 9.7: `Timeout before authentication for ADDRESS port N`; from 9.8 on: `Timeout before authentication for connection from ADDRESS to ADDRESS, pid = N`
- Client: a long wait after `Offering public key`, then `Connection closed by …`; PuTTY: `Remote side unexpectedly closed network connection`.
- On the server: `time` before `su -s /bin/sh -c 'exec "$0" "$1"' RUNUSER /PATH/PROGRAM NAME; echo "status $?"`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- Mend what it waits for, or give it a time limit and a cache of its own (SSSD has one).

## Pitfalls

- Each key that the client offers costs one run: an agent with five keys means five.
- Waiting connections count for MaxStartups, so others are dropped meanwhile.
- A larger LoginGraceTime only makes the wait longer.
- Debian's repair of CVE-2024-6387 in 9.2 leaves the timeout line out.
"#,
};
