//! `keys-file-dollar-home`

use crate::prelude::*;

/// The cause `keys-file-dollar-home`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-dollar-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysFile {value} holds $HOME as plain letters: sshd expands no variables there",
    rule: "{keyword} {value} ({origin}); sshd knows %h, %u, %U and %% there",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, write .ssh/authorized_keys or %h/.ssh/authorized_keys, then check and reload",
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
    page: r#"AuthorizedKeysFile $HOME/.ssh/authorized_keys does not work: sshd expands no variables.

## What it means

`$HOME` is plain text to sshd. As the path then does not begin with `/`, the home is put before it: `/home/NAME/$HOME/.ssh/authorized_keys`.

## Why sshd refuses

There is no such file, so there are no keys. sshd knows the tokens `%h`, `%u`, `%U` (OpenSSH 7.8 and later) and `%%`, and nothing else.

## How to see it

- sshd at DEBUG1: `Could not open user 'NAME' authorized keys '/home/NAME/$HOME/.ssh/authorized_keys': No such file or directory`; OpenSSH 10.0 and later log nothing.
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile`

## Mend

- Write `AuthorizedKeysFile .ssh/authorized_keys` or `%h/.ssh/authorized_keys`.
- `sshd -t`, then reload.

## Pitfalls

- `sshd -t` accepts the line: it does not look for files.
- `${HOME}` works in some keywords of ssh_config, never here.
- All accounts are hit at once; keep a session open while you mend it.
"#,
};
