//! `chroot-not-absolute`

use crate::prelude::*;

/// The cause `chroot-not-absolute`.
pub static CAUSE: Cause = Cause {
    id: "chroot-not-absolute",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "ChrootDirectory does not come out as an absolute path",
    rule: "ChrootDirectory {value} ({origin}) comes out as {path} for {user}",
    note: "the key is accepted and the connection then closed",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "write ChrootDirectory as an absolute path at {origin} (none switches it off), check, then reload sshd",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "chroot path does not begin at root",
        },
        LogLine {
            level: Level::Info,
            text: "chroot path too long",
        },
    ],
    page: r#"ChrootDirectory does not come out as an absolute path ("chroot path does not begin at root").

## What it means
With its tokens filled in, the value does not start with a slash, or is longer than a path may be.

## Why sshd refuses
A relative path would depend on where sshd stands. sshd ends the connection after the login rather
than guess.

## How to see it
The key is accepted, then:
```
client_loop: send disconnect: Broken pipe
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
chroot path does not begin at root
```
The value in force:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i chrootdirectory
```

## Mend
- Write the path from / on, such as `/srv/sftp/%u`.
- Write `none` to switch it off. Check with `/usr/sbin/sshd -t`, then reload.

## Pitfalls
- An account whose home is empty or relative in /etc/passwd makes `%h` come out wrong.
- sshd does not test the path at start-up; only the login shows it.
- `~` is filled in for the user, not a token: `~/x` becomes a path below the home.
"#,
};
