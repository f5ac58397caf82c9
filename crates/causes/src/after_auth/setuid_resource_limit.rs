//! `setuid-resource-limit`

use crate::prelude::*;

/// The cause `setuid-resource-limit`.
pub static CAUSE: Cause = Cause {
    id: "setuid-resource-limit",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "sshd cannot become the user, or start a process as that user, and the session ends",
    rule: "a limit on the number of processes, or a missing right of sshd itself, stops the change of user",
    note: "the key is accepted and the connection then closed: {reason}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see how many processes {user} has, end those that hang, or raise nproc in limits.conf",
            commands: &["ps -U {user} -o pid,etime,args"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "in a container: give it the rights SETUID, SETGID and SYS_CHROOT",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Failed to set uids to {uid}.",
        },
        LogLine {
            level: Level::Info,
            text: "fork: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "fork of unprivileged child failed",
        },
    ],
    page: r#"sshd cannot switch to the user: a limit is reached or a right is missing ("Failed to set uids").

## What it means
The key was accepted. To start the session, sshd forks and becomes the user, and the kernel
refuses one of the two.

## Why sshd refuses
A limit on the number of the user's processes (nproc, a cgroup's pids limit) is reached, or sshd
itself lacks the right to change users, as in a stripped container.

## How to see it
```
client_loop: send disconnect: Broken pipe
Connection to server closed by remote host.
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
Failed to set uids to 2001.
fork: Resource temporarily unavailable
```
As root:
```
ps -U alice -o pid,etime,args
systemctl status user-2001.slice
grep -rn nproc /etc/security/limits.conf /etc/security/limits.d
```

## Mend
- End processes that hang, or raise the limit for the account.
- Containers: give the capabilities SETUID, SETGID and SYS_CHROOT.

## Pitfalls
- Threads count as processes for nproc.
- Two containers that share user numbers share the count.
- root passes most limits, so it works for root and not for users.
- sshd started by an ordinary user can log in that user alone.
"#,
};
