//! `keys-command-user-missing`

use crate::prelude::*;

/// The cause `keys-command-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-user-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommandUser {other_user} is no account of this server, so sshd runs no AuthorizedKeysCommand",
    rule: "{keyword} {value} ({origin})",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the account, as one that can do nothing else",
            commands: &[
                "useradd --system --no-create-home --shell /usr/sbin/nologin -- {other_user}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or name an account that exists at {origin}, then check and reload",
            commands: &["sshd -t && systemctl reload {unit}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "AuthorizedKeysCommandUser \"{other_user}\" not found: {reason}",
    }],
    page: r#""AuthorizedKeysCommandUser … not found": the account that should run AuthorizedKeysCommand does not exist.

## What it means

AuthorizedKeysCommandUser names an account, and this server has none of that name.

## Why sshd refuses

sshd does not run the command as root in its place. It runs nothing, and so gets no keys from it.

## How to see it

- sshd, LogLevel INFO: `AuthorizedKeysCommandUser "NAME" not found: Success` (or another word at its end)
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `getent passwd NAME`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- `useradd --system --no-create-home --shell /usr/sbin/nologin NAME`, or name an account that exists; `sshd -t`, then reload.

## Pitfalls

- AuthorizedKeysCommandUser missing altogether keeps sshd from starting: `AuthorizedKeysCommand set without AuthorizedKeysCommandUser`.
- If the account comes from LDAP or SSSD, it is gone whenever that service is: use a local one.
- `nobody` works, but shares its rights with other services.
"#,
};
