//! `home-missing`

use crate::prelude::*;

/// The cause `home-missing`.
pub static CAUSE: Cause = Cause {
    id: "home-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the home of {user}, {path}, does not exist or cannot be entered",
    rule: "sshd goes on in / and says so, unless login.conf asks for a home (requirehome)",
    note: "the key was found elsewhere, so the login itself works",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the home, or mount what holds it",
            commands: &["mkhomedir_helper {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or set the account's home right",
            commands: &["usermod -d {expected} -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: r#"The account's home directory does not exist ("Could not chdir to home directory").

## What it means
The home named in /etc/passwd is missing, not mounted, or may not be entered by the account.

## Why sshd refuses
It goes on with / as working directory and tells the client. Only login classes of the BSDs with
`requirehome` make it end the session.
If the keys are looked for in that home, they are not found and the login fails earlier
(`home-missing-or-unmounted`).

## How to see it
```
Could not chdir to home directory /home/alice: No such file or directory
```
PuTTY shows the same line after `Access granted`. On the server:
```
getent passwd alice
ls -ld /home/alice
```

## Mend
- Make it from the skeleton: `mkhomedir_helper alice`, or mount it.
- Let PAM make homes at the first login: pam_mkhomedir in the session stack.

## Pitfalls
- Desktop and shell programs fail in odd ways without a home: no history, no agents, X11 without a
  cookie.
- scp and rsync to relative paths land in /, and fail there.
- A home that is there and may not be entered says `Permission denied` in the same line; on NFS
  with Kerberos the ticket is missing.
"#,
};
