//! `keys-file-utf16`

use crate::prelude::*;

/// The cause `keys-file-utf16`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-utf16",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{file} is UTF-16 text: every line in it is dead",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment, in ASCII or UTF-8",
    note: "PowerShell 5 writes UTF-16 with > and with Out-File",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "convert it (the old file stays as {file}.before)",
            commands: &[
                "[ \"$(tr -cd '\\000' < {file} | wc -c)\" -gt 0 ] && {{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && iconv -f UTF-16 -t UTF-8 -- {file} > \"$T\" && [ -s \"$T\" ] && tr -d '\\r' < \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "on Windows, write such files with Set-Content -Encoding ascii",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: ''",
    }],
    page: r#"authorized_keys was written by PowerShell as UTF-16, and no key in it works.

## What it means

In UTF-16 each letter takes two bytes, one of them zero. Windows PowerShell writes that with `>`, `>>` and `Out-File`.

## Why sshd refuses

sshd reads bytes. A zero byte ends a line for it, so that it sees one letter or none. Every line is dead.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG2: `…/authorized_keys:1: advance: ''`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `file ~/.ssh/authorized_keys` says UTF-16; `od -c` shows `\0` between the letters.

## Mend

- `cp -p FILE FILE.before` and `iconv -f UTF-16 -t UTF-8 FILE.before | tr -d '\r' > FILE`
- On Windows: `Get-Content KEY.pub | Set-Content -Encoding ascii FILE`, or `Add-Content`.

## Pitfalls

- A file half UTF-8 and half UTF-16 comes from `>>` onto a good file: iconv cannot mend it, write the added lines anew.
- PowerShell 7 writes UTF-8; the same command differs between the two.
- `cat` on a terminal shows nothing wrong.
- Dropbear skips such a line too, without a log line.
"#,
};
