//! `pam-denied`

use crate::prelude::*;

/// The cause `pam-denied`.
pub static CAUSE: Cause = Cause {
    id: "pam-denied",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "PAM's account phase refuses {user} after the key was accepted",
    rule: "UsePAM yes; the account stack of the PAM service {service} said no",
    note: "the key and its signature were good; which module refused stands in the system's log, if it says so",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "read what the modules logged at the time of the login, and ask the administrator about the rule that applied",
            commands: &["journalctl -t sshd -t sshd-session --since -10min"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "read the text that the server sent before it closed the connection: modules put their reason there",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
        LogLine {
            level: Level::Debug1,
            text: "PAM: do_pam_account pam_acct_mgmt = {status} ({reason})",
        },
    ],
    page: r#"PAM's account phase refused the user after the key was accepted ("Access denied ... by PAM account configuration").

## What it means
The key and its signature were good. One of the modules that PAM asks about accounts said no.
Which one is not known from sshd's line.

## Why sshd refuses
With `UsePAM yes` PAM has the last word. sshd then ends the connection; the client gets the
module's text first, if it has one.

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
The module's own line stands beside it, and the list of modules in the PAM file:
```
journalctl -t sshd -t sshd-session --since -10min
grep -vE '^(#|$)' /etc/pam.d/sshd
```

## Mend
- Find the module, then ask the administrator about its rule.
- SSSD and LDAP: access filters, host rules of IPA (HBAC), `simple_allow_users`.
- Lockouts after failures: `faillock --user alice`.

## Pitfalls
- `@include` and `substack` lines lead to further files.
- A directory that is down makes its module say no to everybody.
- Switching to `UsePAM no` turns off far more than this check.
- The PAM service is named after the program that runs, up to 9.7; a test copy of sshd asks
  another file.
"#,
};
