//! `user-suffix-stripped`

use crate::prelude::*;

/// The cause `user-suffix-stripped`.
pub static CAUSE: Cause = Cause {
    id: "user-suffix-stripped",
    stage: Stage::Account,
    seen: Seen::SignatureRefused,
    title: "sshd cuts the login name {found} at its {pattern}, so {value} is the account that it looks up",
    rule: "a colon ends the name in every OpenSSH; a slash does too in Debian's and Ubuntu's",
    note: "with a slash, or a colon and nothing behind it, the key of {value} is accepted and the signature then fails, as the two ends sign different names",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with the account's own name, without anything after the colon or slash",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "rename an account whose name holds a colon or slash: sshd cannot reach it",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug3,
        text: "publickey {keytype} signature using {algorithm} unverified: {reason}",
    }],
    page: "sshd cuts the login name at a colon, or on Debian and Ubuntu at a slash, and looks up what stands before it.

## What it means
`name:style` is an old form for choosing an authentication style; `name/role` is Debian's form for
SELinux roles.
A login name that holds such a sign never reaches the account that was meant.

## Why sshd refuses
With a colon, the part before it is the account: `corp:alice` becomes `corp`.
With a slash on Debian and Ubuntu, the account is found and the key accepted, and then the
signature fails, because the client signed the whole name. A colon with nothing behind it does
the same everywhere.

## How to see it
With a slash the client sees yes and then no:
```
debug1: Server accepts key: /home/alice/.ssh/id_ed25519 ED25519 SHA256:...
Permission denied (publickey).
```
PuTTY: `Server refused public-key signature despite accepting key!`
With a colon sshd logs the shortened name:
```
Invalid user corp from 198.51.100.7 port 40000
```

## Mend
- Log in with the account's plain name.
- Accounts whose name holds `:` or `/` cannot be reached; rename them.

## Pitfalls
- Match User sees the name after the cut at the colon.
- Upstream builds do not cut at a slash: there `alice/staff` is an unknown user.
- Jump hosts and proxies that put the target into the user name (`alice/server`) mean their own
  syntax, not sshd's.
",
};
