//! `pam-service-missing`

use crate::prelude::*;

/// The cause `pam-service-missing`.
pub static CAUSE: Cause = Cause {
    id: "pam-service-missing",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "PAM has no file for sshd's service, so its catch-all refuses {user}",
    rule: "UsePAM yes; /etc/pam.d/{service} is not there, and /etc/pam.d/other denies",
    note: "the key and its signature were good; up to 9.7 the service is named after the program that runs, since 9.8 it is sshd or PAMServiceName",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "bring the PAM file back by reinstalling the package of sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or start sshd under the name that has a PAM file: a copy named otherwise asks for a service of its own name",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "Access denied for user {user} by PAM account configuration" },
        LogLine {
            level: Level::Info,
            text: "PAM: initialisation failed",
        },
    ],
    page: "PAM has no file for sshd's service, so the catch-all /etc/pam.d/other decides, and it denies.

## What it means
sshd asks PAM under a service name. There is no file of that name in /etc/pam.d, and `other`
refuses everybody on most systems other than Debian.

## Why sshd refuses
Up to 9.7 the service is named after the program as it was started: a copy named `sshd-test` asks
for /etc/pam.d/sshd-test. Since 9.8 it is `sshd`, or what PAMServiceName says.

## How to see it
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
Access denied for user alice by PAM account configuration [preauth]
```
```
ls -l /etc/pam.d/sshd /etc/pam.d/other
/usr/sbin/sshd -T | grep -iE 'usepam|pamservicename'
```

## Mend
- Reinstall the package of sshd, which brings the file.
- For a second sshd under another name: link its service name to the file,
  `ln -s sshd /etc/pam.d/sshd-test`.

## Pitfalls
- An sshd built by hand under /usr/local uses the distribution's PAM file only if the names agree.
- PAMServiceName in a Match block works in 9.8 to 10.3 and is ignored from 10.4 on.
- A PAM file that names a module which is not installed refuses too; the log says
  `unable to dlopen`.
",
};
