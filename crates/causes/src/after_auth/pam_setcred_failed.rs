//! `pam-setcred-failed`

use crate::prelude::*;

/// The cause `pam-setcred-failed`.
pub static CAUSE: Cause = Cause {
    id: "pam-setcred-failed",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "PAM does not set the user's credentials, so sshd closes the connection after the login",
    rule: "UsePAM yes; pam_setcred of the service {service} failed: {reason}",
    note: "the key is accepted, and so is what PAM asked for besides; after a key alone sshd overlooks such a failure",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "read which module failed, and mend its cause: often Kerberos, AFS or pam_group",
            commands: &["journalctl -t sshd -t sshd-session --since -10min"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "PAM: pam_setcred(): {reason}" },
    ],
    page: "PAM could not set the user's credentials, so sshd closes the connection right after the login.

## What it means
The key was accepted. A module that has to fetch tickets, tokens or groups for the user failed.

## Why sshd refuses
sshd calls pam_setcred as the last step before a session. A failure there is final where PAM took
part in the login: where AuthenticationMethods ask for a password or a code besides the key. After
a key alone sshd notes the failure at DEBUG1 and goes on.

## How to see it
```
client_loop: send disconnect: Broken pipe
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
PAM: pam_setcred(): Failure setting user credentials
```
The modules of the auth stack do this work:
```
grep -n auth /etc/pam.d/sshd
journalctl -t sshd -t sshd-session --since -10min
```

## Mend
- Find the module in the log, and mend what it lacks: a keytab, a running AFS, a readable
  group.conf.
- Mark modules that need a password as `optional`, or skip them where no password was given.

## Pitfalls
- After a key alone the session starts without the ticket or token, and what needs it fails later.
- A module in the auth stack matters here although keys do not pass through that stack.
- Test with a second session open, since a wrong PAM file shuts out everybody.
",
};
