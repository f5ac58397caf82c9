//! `keys-file-cr-only`

use crate::prelude::*;

/// The cause `keys-file-cr-only`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-cr-only",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the lines of {file} end in CR alone: sshd sees one long line, and only its first key",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; a line ends with a line feed",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "turn each CR into a line feed (the old file stays as {file}.before)",
        commands: &[
            "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && tr '\\r' '\\n' < {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"Only the first key of authorized_keys works: its lines end in CR (classic Mac line ends).

## What it means

The lines are separated by carriage returns alone. For sshd, as for all Unix programs, that is one single line.

## Why sshd refuses

A line ends with a line feed. The first key is read, and everything after it is its comment.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `wc -l` counts 0 or 1; `od -c FILE | head` shows `\r` without `\n`.

## Mend

- `cp -p FILE FILE.before` and `tr '\r' '\n' < FILE.before > FILE`

## Pitfalls

- CRLF, as Windows writes it, is harmless here: do not mix the two up.
- If the first line has options, they did not hold for the others: check what each may do when it stands alone.
- Some editors keep the old line ends when they save: look again afterwards.
- Dropbear skips such a line too, without a log line.
"#,
};
