//! `password-expired-forced-change`

use crate::prelude::*;

/// The cause `password-expired-forced-change`.
pub static CAUSE: Cause = Cause {
    id: "password-expired-forced-change",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the password of {user} has to be changed first, so the session runs passwd instead of the shell",
    rule: "UsePAM yes; /etc/shadow says that the password's age has passed, or was set to 0",
    note: "the key is accepted; forwarding is off, and without a terminal the session ends with status 1",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with a terminal and change the password",
            commands: &["ssh -t -- {user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, for an account that logs in with keys alone: let its password not age (ask the administrator about the rule)",
            commands: &["chage -d -1 -M -1 -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): expired password for user {user} (root enforced)",
        },
        LogLine {
            level: Level::Other,
            text: "pam_unix(sshd:account): expired password for user {user} (password aged)",
        },
    ],
    page: r#"The password has expired and has to be changed now ("WARNING: Your password has expired."), even for a key login.

## What it means
The key was accepted. PAM says that the password must be changed first, so sshd runs passwd in
place of the shell.

## Why sshd refuses
With `UsePAM yes` the account phase reports the expired password. sshd lets the user in only to
change it, and switches forwarding off. Without PAM, key logins do not notice.

## How to see it
With a terminal:
```
WARNING: Your password has expired.
You must change your password now and login again!
```
Without one (scripts, sftp, git):
```
Password change required but no TTY available.
```
PuTTY shows the first and asks; psftp and plink with a command fail. On the server:
```
pam_unix(sshd:account): expired password for user alice (root enforced)
```
As root: `chage -l alice`.

## Mend
- Log in with a terminal, change the password, log in again.
- For accounts with keys alone, ask the administrator to let the password not age:
  `chage -d -1 -M -1 -- alice`.

## Pitfalls
- The change asks for the old password, which users of keys may never have known.
- New cloud accounts are often made with `chage -d 0`.
- Once the inactive days are over too, the login is refused (`pam-password-expired-inactive`).
- Monitoring and backup jobs fail without a readable reason.
"#,
};
