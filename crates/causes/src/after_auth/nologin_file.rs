//! `nologin-file`

use crate::prelude::*;

/// The cause `nologin-file`.
pub static CAUSE: Cause = Cause {
    id: "nologin-file",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "{path} exists, so sshd ends the session of {user} at once",
    rule: "UsePAM no; without PAM, sshd itself asks for /etc/nologin after the login, for everyone but uid 0",
    note: "the key is accepted; the client reads the text of the file",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "wait until the maintenance is over, or ask the administrator whether it is; then remove the file",
            commands: &["rm -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "User {user} not allowed because {path} exists" },
    ],
    page: "/etc/nologin exists, so sshd without PAM ends every session but root's right after the login.

## What it means
The machine is closed to ordinary users for now. The key was accepted, then the session stopped.

## Why sshd refuses
With `UsePAM no` sshd looks for /etc/nologin itself, as the last thing before the shell. Its text
goes to the client, and the session ends with status 254. With PAM, pam_nologin does it before the
login is granted (`pam-nologin`).

## How to see it
The client reads the file's text, and then:
```
Connection to server closed.
```
PuTTY: `Access granted`, the text, and the window closes. sshd logs:
```
User alice not allowed because /etc/nologin exists
```
```
ls -l /etc/nologin
cat /etc/nologin
```

## Mend
- Ask the administrator whether the maintenance is over, then remove the file:
  `rm -- /etc/nologin`.

## Pitfalls
- An empty file closes the machine without a word.
- uid 0 is exempt, so root does not notice.
- /run/nologin of systemd is looked for by pam_nologin and not by sshd.
- Dropbear does not look for the file.
",
};
