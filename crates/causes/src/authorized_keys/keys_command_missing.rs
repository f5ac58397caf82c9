//! `keys-command-missing`

use crate::prelude::*;

/// The cause `keys-command-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd cannot find AuthorizedKeysCommand {path}: {reason}",
    rule: "{keyword} {value} ({origin})",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "install the program, or correct its path at {origin}; then check and reload",
        commands: &["ls -ld -- {path}", "sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Could not stat AuthorizedKeysCommand \"{path}\": {reason}",
    }],
    page: r#""Could not stat AuthorizedKeysCommand": the program that should give the keys is not there.

## What it means

The first word of AuthorizedKeysCommand is a path, and nothing is at that path: the package was removed, the path is misspelt, or a volume is not mounted.

## Why sshd refuses

sshd checks the program before it runs it. Without the program there are no keys from it.

## How to see it

- sshd, LogLevel INFO: `Could not stat AuthorizedKeysCommand "/PATH/PROGRAM": No such file or directory`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- Install the program again, or correct the path; `sshd -t`, then reload.

## Pitfalls

- `sshd -t` does not look whether the program exists.
- Quotes around the path are not taken off here: sshd says `must be an absolute path` and does not start.
- Known ones: `/usr/bin/sss_ssh_authorizedkeys` (SSSD), `/usr/bin/google_authorized_keys`, `/usr/share/ec2-instance-connect/eic_run_authorized_keys`, `/usr/bin/userdbctl`.
"#,
};
