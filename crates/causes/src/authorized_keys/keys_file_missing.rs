//! `keys-file-missing`

use crate::prelude::*;

/// The cause `keys-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd looks for {user}'s keys in {file}, and there is no such file",
    rule: "{keyword} {value} ({origin})",
    note: "names are exact: authorized_key, authorized_keys.txt or .SSH are other names",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key to {file} as one line (the line feed before it keeps it off an unfinished last line)",
            commands: &[
                "{{ [ -d \"$(dirname -- {file})\" ] || install -d -m 0700 -o {user} -- \"$(dirname -- {file})\"; }} && {{ [ -e {file} ] || {{ ( umask 077 && : >> {file} ) && chown -- {user}: {file}; }}; }} && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or move the line over from {other_file}, which holds the key and which sshd does not read",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or, while another login method works, let the client install the key",
            commands: &["ssh-copy-id {user}@SERVER"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "trying public key file {file}",
        },
    ],
    page: r#"The server refuses the key because there is no authorized_keys file where sshd looks.

## What it means

AuthorizedKeysFile names one or more files for this account, and none of them exists. No file, no keys.

## Why sshd refuses

sshd tries each name, left to right, relative names from the home directory of the account. A name is exact: `authorized_key`, `authorized_keys.txt`, `Authorized_Keys` and `.SSH` are other files.

## How to see it

- sshd at DEBUG1: `Could not open user 'NAME' authorized keys '/home/NAME/.ssh/authorized_keys': No such file or directory` (to 9.0: `Could not open authorized keys …`). OpenSSH 10.0 and later log nothing at all.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile` and `ls -la ~NAME/.ssh`

## Mend

- `mkdir -p -m 700 ~/.ssh`, then put the public key, one line, into `~/.ssh/authorized_keys`, mode 0600, as the account and not as root.
- From the client, while a password works: `ssh-copy-id NAME@SERVER`.

## Pitfalls

- Windows editors add `.txt`; `ls` shows it.
- A key in root's `.ssh`, put there by `sudo`, is root's.
- The home of the account is what `getent passwd NAME` says, not where the shell happens to be.
- Dropbear reads `~/.ssh/authorized_keys` alone; OpenWrt's reads `/etc/dropbear/authorized_keys` for root.
"#,
};
