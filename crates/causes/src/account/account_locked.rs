//! `account-locked`

use crate::prelude::*;

/// The cause `account-locked`.
pub static CAUSE: Cause = Cause {
    id: "account-locked",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the account {user} is locked in the password database",
    rule: "UsePAM no ({origin}); the password field starts with {found}, which means locked to sshd without PAM",
    note: "an account without a password is not locked by that; the mark in the password field is what counts here",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} is locked on purpose; if not, put * there: no password fits it, and keys work",
            commands: &["usermod -p '*' -- {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "unlock the old password too, if it is to work again",
            commands: &["passwd -u -- {user}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "User {user} not allowed because account is locked",
        },
        LogLine {
            level: Level::Debug3,
            text: "password matches locked prefix '{found}'",
        },
        LogLine {
            level: Level::Debug3,
            text: "password matches locked string '{found}'",
        },
    ],
    page: r#"The account is locked in /etc/shadow, and sshd without PAM refuses its keys ("account is locked").

## What it means
The password field begins with a mark that means "locked": `!` on Linux, `*LOCKED*` on FreeBSD,
`*LK*` on Solaris.
`usermod -L`, `passwd -l` and account creation without a password all leave such a mark.

## Why sshd refuses
With `UsePAM no` sshd takes the mark as "nobody may log in", whatever the method.
With `UsePAM yes` this test is skipped, and on Linux PAM does not mind `!`: the same account logs
in with its key.

## How to see it
```
User alice not allowed because account is locked
Connection closed by invalid user alice 198.51.100.7 port 40000 [preauth]
```
As root, the field itself (do not pass it on) and the setting:
```
passwd -S alice
/usr/sbin/sshd -T | grep -i usepam
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Locked by somebody? Ask the administrator first.
- Made without a password? `usermod -p '*' -- alice`: no password fits `*`, and keys work.
- Or build on PAM: `UsePAM yes`, where sshd is built with it.

## Pitfalls
- Alpine and OpenWrt have sshd without PAM, and `adduser -D` leaves `!` there: the classic case.
- `*` alone is not locked on Linux, and neither is a missing shadow entry.
- `passwd -u` brings an old password back to life; `usermod -p '*'` does not.
- busybox has no usermod, and its `passwd -u` can leave an empty password:
  `echo 'alice:*' | chpasswd -e` there.
- Dropbear does not ask for the mark: the account logs in there.
"#,
};
