//! `pam-user-changed`

use crate::prelude::*;

/// The cause `pam-user-changed`.
pub static CAUSE: Cause = Cause {
    id: "pam-user-changed",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: "a PAM module turned {user} into another user, and sshd does not go along",
    rule: "since OpenSSH 10.1 the user that PAM names has to stay the one that the key was checked for",
    note: "the key and its signature were good for {user} alone",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take the renaming module out of the PAM file of sshd, or let it keep the name; ask whoever set it up (a realm stripper, pam_localuser, a template user)",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or log in under the name that PAM arrives at",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: r#"PAM user "{other_user}" does not match previous "{user}""#,
        },
        LogLine {
            level: Level::Info,
            text: "Access denied for user {user} by PAM account configuration",
        },
    ],
    page: r#"A PAM module changed the user name during the login, and sshd 10.1 or later refuses to go on.

## What it means
Modules can rename the user, for instance to strip a realm or to map many people to one account.
After that PAM speaks of another account than the one whose key was checked.

## Why sshd refuses
The key gives access to one account. If PAM then answers for another one, its answer is worth
nothing. Since 10.1 the name has to stay the same.

## How to see it
```
PAM user "shared" does not match previous "alice"
Access denied for user alice by PAM account configuration [preauth]
```
The client:
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Connection closed by 203.0.113.5 port 22
```
PuTTY: `Remote side unexpectedly closed network connection`, after `Sent public key signature`.
The modules: `grep -vE '^(#|$)' /etc/pam.d/sshd`.

## Mend
- Have the module keep the name, or take it out of sshd's PAM file; ask whoever set it up.
- Or log in under the account's final name, with its own authorized_keys.

## Pitfalls
- It appears with an upgrade to 10.1: earlier versions let the change pass.
- Case counts: a directory that answers `Alice` for `alice` is a change too.
- Realms (`alice@EXAMPLE.ORG`) are better mapped in the name service than in PAM.
"#,
};
