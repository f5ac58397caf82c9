//! `keys-file-comma`

use crate::prelude::*;

/// The cause `keys-file-comma`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} names one file with a comma in its name, not two files",
    rule: "{keyword} {value} ({origin}); file names are separated by blanks",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, put a blank in the place of the comma, then check and reload",
        commands: &["sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized keys '{path}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open authorized keys '{path}': No such file or directory",
        },
    ],
    page: r#"AuthorizedKeysFile with a comma between two files reads neither of them.

## What it means

The comma is taken as part of the file's name. `a,b` is one file called "a,b"; with a blank after the comma the first file is called "a,".

## Why sshd refuses

AuthorizedKeysFile takes names separated by blanks. The file with the comma in its name does not exist.

## How to see it

- sshd at DEBUG1: `Could not open user 'NAME' authorized keys '…/authorized_keys,': No such file or directory`; OpenSSH 10.0 and later log nothing.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile`

## Mend

- `AuthorizedKeysFile .ssh/authorized_keys .ssh/authorized_keys2`: blanks alone between the names.
- `sshd -t`, then reload.

## Pitfalls

- `sshd -t` accepts the line.
- Other keywords (Ciphers, PubkeyAcceptedAlgorithms) do take commas; that is where the habit comes from.
- With "a, b" the second file is read, so half of the keys work.
"#,
};
