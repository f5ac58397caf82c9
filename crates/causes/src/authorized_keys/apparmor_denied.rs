//! `apparmor-denied`

use crate::prelude::*;

/// The cause `apparmor-denied`.
pub static CAUSE: Cause = Cause {
    id: "apparmor-denied",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AppArmor keeps sshd from reading {path}",
    rule: "the profile of sshd names the files it may read: {found}",
    note: "the modes are right; the kernel refuses the open all the same",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "allow the path in the profile's local part (/etc/apparmor.d/local/usr.sbin.sshd), then load the profile again",
            commands: &["apparmor_parser -r /etc/apparmor.d/usr.sbin.sshd"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or keep the keys where the profile allows them, in .ssh/authorized_keys of the home",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': Permission denied",
        },
        LogLine {
            level: Level::Other,
            text: "apparmor=\"DENIED\" operation=\"open\" profile=\"{profile}\" name=\"{path}\" {rest}",
        },
    ],
    page: r#"AppArmor keeps sshd from reading authorized_keys.

## What it means

A profile confines sshd to the files it names, and this path is not among them.

## Why sshd refuses

The kernel refuses the open, whatever the modes say. To sshd the file is unreadable.

## How to see it

- The kernel log: `apparmor="DENIED" operation="open" profile="/usr/sbin/sshd" name="/home/alice/.ssh/authorized_keys" … requested_mask="r"`; `journalctl -k | grep DENIED` finds it.
- sshd 9.1 and later, LogLevel INFO: `Could not open user 'NAME' authorized keys '…': Permission denied`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `aa-status` says whether sshd has a profile in enforce mode.

## Mend

- Allow the path in `/etc/apparmor.d/local/usr.sbin.sshd`, for example `/etc/ssh/authorized_keys/* r,`, then `apparmor_parser -r /etc/apparmor.d/usr.sbin.sshd`.
- Or keep the keys where the profile allows them: `@{HOME}/.ssh/authorized_keys`.

## Pitfalls

- Debian and Ubuntu ship no enforced profile for sshd: somebody added this one, often from apparmor-profiles-extra.
- Homes outside /home must be named in `/etc/apparmor.d/tunables/home.d/`.
- An explicit `deny` rule is not logged.
"#,
};
