//! `pam-listfile`

use crate::prelude::*;

/// The cause `pam-listfile`.
pub static CAUSE: Cause = Cause {
    id: "pam-listfile",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "pam_listfile refuses {user}: a list of names decides who may log in",
    rule: "the line {line} of the PAM service {service} has sense={value} and file={file}",
    note: "the key and its signature were good; PAM refused afterwards",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may log in; if so, add the name to the list {file} (sense=allow), or take it out (sense=deny)",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_listfile(sshd:account): Refused user {user} for service sshd",
        },
        LogLine {
            level: Level::Other,
            text: "Refused user {user} for service sshd",
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: "pam_listfile refuses the user because of a list of names in a file.

## What it means
A line in the PAM file of sshd names a list. With `sense=allow` only those on it may log in; with
`sense=deny` those on it may not.

## Why sshd refuses
The key was good; PAM's account phase asked the list afterwards.

## How to see it
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`. On
the server:
```
pam_listfile(sshd:account): Refused user alice for service sshd
Access denied for user alice by PAM account configuration [preauth]
```
The rule and the list:
```
grep -n pam_listfile /etc/pam.d/sshd
```

## Mend
- Ask the administrator whether the account may log in.
- Add the name to the list (`sense=allow`) or remove it (`sense=deny`), one name a line. No reload
  is needed.

## Pitfalls
- A list that is writable by everyone, or is no regular file, makes the module refuse.
- `onerr=fail` turns a missing list into a refusal of everybody.
- The item compared can be a group, shell or host (`item=`), not only the user.
- In the auth stack the module does nothing for keys: sshd asks PAM only about the account.
",
};
