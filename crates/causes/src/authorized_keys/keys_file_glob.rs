//! `keys-file-glob`

use crate::prelude::*;

/// The cause `keys-file-glob`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-glob",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd reads {path} as a pattern, and the pattern matches no file",
    rule: "{keyword} {value} ({origin}); OpenSSH 10.0 and later expand *, ?, [ ] and \\ in the path, those in the home directory's name too",
    note: "nothing is logged for this, at no LogLevel",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "name a path without *, ?, [, ] and \\, such as AuthorizedKeysFile /etc/ssh/authorized_keys/%U, and move the keys there; then check and reload",
            commands: &["sshd -t && systemctl reload {unit}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or give {user} a home directory without these characters",
            commands: &["usermod -d NEWHOME -m -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug1,
        text: "trying public key file {file}",
    }],
    page: r#"After the upgrade to OpenSSH 10 keys of accounts with a backslash or brackets in their home are refused, and nothing is logged.

## What it means

From OpenSSH 10.0 on, the path from AuthorizedKeysFile, with home and name filled in, is a pattern: `*`, `?`, `[ ]` and `\` have a meaning. A home such as `/home/DOM\alice` or `/home/a[b]c` no longer stands for itself.

## Why sshd refuses

The pattern matches no file, so sshd has none to read.

## How to see it

- sshd: nothing at any LogLevel, not even DEBUG3. At DEBUG1 `trying public key file …` may be all there is.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `getent passwd NAME` shows the home; `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile` the pattern.

## Mend

- Name a place without such characters: `AuthorizedKeysFile /etc/ssh/authorized_keys/%U` (`%U` is the uid), and move the keys there.
- Or give the account a home without them: `usermod -d NEWHOME -m NAME`.

## Pitfalls

- Accounts of a Windows domain (winbind, SSSD with `DOM\user`) are hit first.
- On 9.x the same home works: test before the upgrade.
- AuthorizedPrincipalsFile is a pattern too.
- In a central place the file must be readable by the user.
"#,
};
