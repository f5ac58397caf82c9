//! `pam-session-failed`

use crate::prelude::*;

/// The cause `pam-session-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-session-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "PAM does not open a session, so each shell and command ends with status 254",
    rule: "UsePAM yes; a module of the session stack of {service} failed: {reason}",
    note: "the key is accepted",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "read which module failed, and mend its cause: limits, a missing home, a mount, the loginuid of a container",
        commands: &["journalctl -t sshd -t sshd-session --since -10min"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "PAM: pam_open_session(): {reason}",
        },
        LogLine {
            level: Level::Debug3,
            text: "PAM session not opened, exiting",
        },
        LogLine {
            level: Level::Other,
            text: "pam_limits(sshd:session): Too many logins (max {value}) for {user}",
        },
        LogLine {
            level: Level::Other,
            text: "pam_loginuid(sshd:session): set_loginuid failed",
        },
    ],
    page:
        "PAM could not open a session, so each shell or command of the login ends with status 254.

## What it means
The key was accepted and the connection stands. A module of PAM's session stack failed, and sshd
starts no program without that session.

## Why sshd refuses
Session modules set limits, mounts, audit numbers and registers. When a required one fails, sshd
logs it and lets the child exit before the shell.

## How to see it
The client sees an end without a word, or the module's text:
```
There were too many logins for 'alice'.
Connection to server closed.
```
PuTTY: `Access granted`, then the window closes. On the server:
```
PAM: pam_open_session(): Permission denied
pam_limits(sshd:session): Too many logins (max 2) for alice
```
```
journalctl -t sshd -t sshd-session --since -10min
grep -n session /etc/pam.d/sshd
```

## Mend
- Limits: `maxlogins` in /etc/security/limits.conf or limits.d, or end old sessions
  (`loginctl list-sessions`).
- Containers: pam_loginuid may not write /proc/self/loginuid; make it `optional`.
- pam_mkhomedir, pam_namespace, pam_mount: mend what they could not make or mount.

## Pitfalls
- Forwarding over the same connection may still work, which hides the failure.
- Sessions that hang count toward maxlogins.
- pam_systemd that waits for a dead bus makes logins slow rather than fail.
",
};
