//! `sshd-config-not-reloaded`

use crate::prelude::*;

/// The cause `sshd-config-not-reloaded`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-not-reloaded",
    stage: Stage::Connect,
    seen: Seen::Nothing,
    title: "the running sshd started before {path} was changed, and still follows the old settings",
    rule: "sshd reads its configuration and all Include files once, when it starts or is reloaded",
    note: "authorized_keys, principals, CA and revocation files are read anew for each login; only the configuration waits",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "check the configuration and have sshd read it",
            commands: &["/usr/sbin/sshd -t", "systemctl reload {unit}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The configuration was changed after sshd started, so the running sshd does not know the change yet.

## What it means
The files on disk say one thing and the daemon does another.
Whatever you changed, the login behaves as before.

## Why sshd refuses
sshd reads sshd_config and its Include files when it starts or is reloaded, and hands that text to
each connection.
authorized_keys, principals files, TrustedUserCAKeys, RevokedKeys, /etc/passwd and /etc/shadow are
read for each login; they need no reload.

## How to see it
Compare the start of the listener with the time of the files:
```
systemctl show -p ActiveEnterTimestamp sshd
ls -l --time-style=full-iso /etc/ssh/sshd_config /etc/ssh/sshd_config.d
```
A reload leaves this line in the log:
```
Received SIGHUP; restarting.
```
`sshd -T` reads the files on disk, not the daemon: it shows the new value even though the old one
is in force.

## Mend
```
/usr/sbin/sshd -t
systemctl reload sshd
```
Test first: a reload with a broken file ends the daemon.

## Pitfalls
- The reverse bites too: a login that works today can stop with the next reload or start of the
  machine.
- Open sessions and shared connections (ControlMaster) keep the old settings; test with
  `ssh -S none`.
- With socket activation each connection may get a fresh sshd; then ports and addresses come from
  the socket unit.
- Options on the daemon's command line (`-o`) beat the file, whatever you reload.
",
};
