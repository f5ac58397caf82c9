//! `keys-file-elsewhere`

use crate::prelude::*;

/// The cause `keys-file-elsewhere`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-elsewhere",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not read {other_file}, where the key stands; it reads {file}",
    rule: "{keyword} {value} ({origin})",
    note: "the value may come from a drop-in or a Match block that wins over the line that was edited",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the key where sshd looks",
            commands: &[
                "{{ [ -d \"$(dirname -- {file})\" ] || install -d -m 0700 -o {user} -- \"$(dirname -- {file})\"; }} && {{ [ -e {file} ] || {{ ( umask 077 && : >> {file} ) && chown -- {user}: {file}; }}; }} && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether AuthorizedKeysFile at {origin} should also name {other_file}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "trying public key file {file}",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': No such file or directory",
        },
    ],
    page: r#"sshd reads authorized_keys from another place than the one that was edited.

## What it means

The key stands in a file that sshd does not read. AuthorizedKeysFile names another place for this account.

## Why sshd refuses

sshd tries the files of the effective AuthorizedKeysFile and no others. The value may stand in a drop-in, or in a Match block for this user, group or address.

## How to see it

- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile` shows the value that counts.
- sshd at DEBUG1: `trying public key file /etc/ssh/keys/NAME`
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.

## Mend

- Put the key where sshd looks.
- Or have the administrator set `AuthorizedKeysFile .ssh/authorized_keys`, run `sshd -t`, and reload.

## Pitfalls

- Drop-ins (`/etc/ssh/sshd_config.d/*.conf`) come before the main file on Debian, Ubuntu and RHEL; the first value wins.
- A Match block wins over the global value wherever it stands.
- An edit counts only after a reload: `systemctl reload ssh` (Debian) or `sshd` (others).
- Containers and forges (Gitea, GitLab) often run an sshd with a configuration of their own.
"#,
};
