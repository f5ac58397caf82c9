//! `privsep-user-missing`

use crate::prelude::*;

/// The cause `privsep-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-user-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd cannot serve: the account {account} that its unprivileged part runs as does not exist",
    rule: "sshd drops its rights to the account {account} before it reads a byte from the client",
    note: "nobody can log in, whatever the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "bring the account back by reinstalling the package of sshd, or make a system account without a login",
            commands: &["useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin -- {account}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "Privilege separation user {account} does not exist" },
    ],
    page: "sshd cannot serve because the account that its unprivileged part runs as, sshd, does not exist.

## What it means
Until a client has logged in, sshd talks to it through a process without rights. That process runs
as the account `sshd`.
The account is missing from the account database, or the database cannot be read.

## Why sshd refuses
sshd would have to read a stranger's bytes as root. It ends instead.

## How to see it
```
Privilege separation user sshd does not exist
```
`getent passwd sshd` prints nothing and `/usr/sbin/sshd -t` prints the line above.
The client reads `Connection refused`, or
`kex_exchange_identification: Connection closed by remote host`.

## Mend
- Reinstall the package of sshd; it makes the account.
- Or make it:
  `useradd --system --no-create-home --home-dir /run/sshd --shell /usr/sbin/nologin -- sshd`.

## Pitfalls
- It happens when /etc/passwd is replaced by a copy from another machine or a template of a
  container.
- The account needs no password and no shell; do not give it any.
- Some builds use another name; the log line says which.
",
};
