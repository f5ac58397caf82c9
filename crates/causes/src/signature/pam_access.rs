//! `pam-access`

use crate::prelude::*;

/// The cause `pam-access`.
pub static CAUSE: Cause = Cause {
    id: "pam-access",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_access does not let {user} in from {from}",
    rule: "{file}, line {line}: the first line that fits decides; the PAM service {service} asks it in its account phase",
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in from {from}; if so, add the line + : {user} : {from} above line {line} of {file}",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_access(sshd:account): access denied for user `{user}' from `{from}'",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "pam_access (/etc/security/access.conf) does not let this user log in from this place.

## What it means
The key is good. Afterwards PAM's account phase read access.conf, and the first fitting line says
no.

## Why sshd refuses
With `UsePAM yes` the account phase comes after the signature. Lines of access.conf are read from
the top: permission, users or groups, origins. The first that fits decides.

## How to see it
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
pam_access(sshd:account): access denied for user `alice' from `198.51.100.7'
Access denied for user alice by PAM account configuration [preauth]
```
The rules: `grep -vE '^(#|$)' /etc/security/access.conf`, and who asks for them:
`grep -rn pam_access /etc/pam.d`.

## Mend
- Ask the administrator whether the account may log in from there.
- Add a line above the one that denies: `+ : alice : 198.51.100.7`. No reload is needed.

## Pitfalls
- A last line `- : ALL : ALL` keeps out whoever has no line above it.
- Groups stand in parentheses: `(devs)`; a bare name can be a user or a group.
- Origins are addresses here, unless `UseDNS yes` gives pam_access a name.
- Other files can be named with accessfile= in the PAM line, and newer versions read access.d too.
- cron and su may use the same rules: a denial can stop jobs as well.
",
};
