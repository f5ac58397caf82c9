//! `keys-file-tilde`

use crate::prelude::*;

/// The cause `keys-file-tilde`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-tilde",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} sends every account to root's key file",
    rule: "{keyword} {value} ({origin}); sshd expands ~ for itself, and it runs as root",
    note: "sshd then opens that file with {user}'s rights, which root's home does not grant",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, write .ssh/authorized_keys or %h/.ssh/authorized_keys instead of the path with ~, then check and reload",
        commands: &["sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized keys '{path}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{path}': Permission denied",
        },
    ],
    page: r#"AuthorizedKeysFile ~/.ssh/authorized_keys does not work: sshd expands ~ to root's home.

## What it means

`~` in AuthorizedKeysFile is expanded when sshd reads its configuration, for the user that sshd runs as: root. So every account is sent to `/root/.ssh/authorized_keys`.

## Why sshd refuses

sshd then opens root's file with the rights of the account, which may not enter `/root`. No account but root has a key.

## How to see it

- sshd, LogLevel INFO from 9.1 on: `Could not open user 'alice' authorized keys '/root/.ssh/authorized_keys': Permission denied`; OpenSSH 10.0 and later are silent.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile`

## Mend

- Write `AuthorizedKeysFile .ssh/authorized_keys` (relative to the home) or `%h/.ssh/authorized_keys`.
- `sshd -t`, then reload.

## Pitfalls

- Opening `/root` to the accounts would be the wrong cure: all of them would share root's keys.
- In ssh_config, on the client, `~` works as expected; sshd_config is another file.
- Root's own logins go on working, which hides the mistake.
"#,
};
