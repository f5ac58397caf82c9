//! `keys-file-second-not-read`

use crate::prelude::*;

/// The cause `keys-file-second-not-read`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-second-not-read",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd does not read {other_file}, where the key stands: AuthorizedKeysFile names {value} alone",
    rule: "{keyword} {value} ({origin})",
    note: "the compiled default reads authorized_keys and authorized_keys2; the sshd_config that OpenSSH ships names the first alone",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the key into the file that sshd reads",
            commands: &[
                "{{ [ -d \"$(dirname -- {file})\" ] || install -d -m 0700 -o {user} -- \"$(dirname -- {file})\"; }} && {{ [ -e {file} ] || {{ ( umask 077 && : >> {file} ) && chown -- {user}: {file}; }}; }} && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator whether AuthorizedKeysFile at {origin} should name both files",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Debug1,
        text: "trying public key file {file}",
    }],
    page: r#"The key is in authorized_keys2, which this server does not read.

## What it means

Once, OpenSSH kept keys in `authorized_keys2`. Its compiled default still reads both files, but the sshd_config it ships sets the first one alone.

## Why sshd refuses

AuthorizedKeysFile is set and names the second file no more, so nothing in it counts.

## How to see it

- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile`
- sshd at DEBUG1: `trying public key file …/authorized_keys`, and no such line for the other.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.

## Mend

- Move the lines: `cat ~/.ssh/authorized_keys2 >> ~/.ssh/authorized_keys`, after a look at both.
- Or have the administrator add `.ssh/authorized_keys2` to AuthorizedKeysFile.

## Pitfalls

- Debian and Ubuntu leave the keyword commented out, so both files count there; the same home fails on RHEL or Arch.
- If the first file has no line feed at its end, `cat >>` glues two keys together.
- Dropbear never reads the second file.
- Intruders like the file that nobody looks at: check what is in it.
"#,
};
