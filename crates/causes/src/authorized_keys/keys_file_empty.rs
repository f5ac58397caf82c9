//! `keys-file-empty`

use crate::prelude::*;

/// The cause `keys-file-empty`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-empty",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{file} holds no key",
    rule: "{keyword} {value} ({origin})",
    note: "",
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
            text: "put the public key into {file}, as one line",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}: processed 0/{count} lines",
    }],
    page: r#"authorized_keys is there and empty, so the server refuses every key.

## What it means

The file exists and holds nothing. That is what a failed copy, a full disk or `>` in the place of `>>` leaves behind.

## Why sshd refuses

sshd reads the file to its end and finds no line. There is nothing to compare the key with.

## How to see it

- sshd at DEBUG2: `…/authorized_keys: processed 0/0 lines`
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `wc -c ~/.ssh/authorized_keys` and `df -h ~`

## Mend

- Put the public key in, as one line: `printf '%s\n' 'ssh-ed25519 AAAA… comment' >> ~/.ssh/authorized_keys`

## Pitfalls

- Check for a full disk or quota first, or the next copy is empty too.
- A configuration tool (cloud-init, Ansible, Puppet) may empty the file again: mend it at its source.
- Other accounts of the same tool may be empty as well.
"#,
};
