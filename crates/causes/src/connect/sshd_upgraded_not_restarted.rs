//! `sshd-upgraded-not-restarted`

use crate::prelude::*;

/// The cause `sshd-upgraded-not-restarted`.
pub static CAUSE: Cause = Cause {
    id: "sshd-upgraded-not-restarted",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd was replaced on disk after the running daemon started, and the two do not fit together",
    rule: "the listener runs the sshd program on disk anew for each connection",
    note: "nobody can log in until sshd is restarted; sessions that are open stay open",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "restart sshd; sessions that are open are kept",
            commands: &["/usr/sbin/sshd -t", "systemctl restart {unit}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "sshd-session should not be executed directly" },
        LogLine { level: Level::Info, text: "sshd-auth should not be executed directly" },
        LogLine { level: Level::Info, text: "rexec version mismatch" },
        LogLine { level: Level::Info, text: "parse config: {reason}" },
        LogLine { level: Level::Info, text: "{path} does not exist or is not executable" },
        LogLine {
            level: Level::Info,
            text: "rexec of {path} failed: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "exec of {path} failed: {reason}",
        },
    ],
    page: "sshd was upgraded on disk while the old daemon kept running, and new connections fail until it is restarted.

## What it means
The listener starts the sshd program on disk anew for each connection. After an upgrade, old
listener and new program meet, and the hand-over can break.
The step to 9.8 is the hard one: the program was split into `sshd`, `sshd-session` and, since
10.0, `sshd-auth`.

## Why sshd refuses
The child cannot read what the listener hands it, or cannot be found, and ends before the
identification string.

## How to see it
The client reads, for every user and key:
```
kex_exchange_identification: Connection closed by remote host
kex_exchange_identification: read: Connection reset by peer
```
PuTTY: `Remote side unexpectedly closed network connection`. On the server, the listener's program
shows as deleted:
```
ls -l /proc/$(pgrep -o -x sshd)/exe
```
sshd may log `sshd-session should not be executed directly`.

## Mend
```
/usr/sbin/sshd -t
systemctl restart sshd
```
Sessions that are open survive the restart.

## Pitfalls
- If the only way in is SSH, do the upgrade and the restart in one session that stays open.
- A changed default of the new version can refuse keys after the restart: DSA, short RSA, SHA-1.
- In containers the package may be new and process 1 old; restart the container.
",
};
