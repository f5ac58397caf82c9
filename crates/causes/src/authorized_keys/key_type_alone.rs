//! `key-type-alone`

use crate::prelude::*;

/// The cause `key-type-alone`.
pub static CAUSE: Cause = Cause {
    id: "key-type-alone",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds the keytype alone, and the key follows on the next line",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of lines {line} to {last_line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} -v m={last_line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"] }} !have && FNR >= n && FNR <= m {{ next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "in {file}, join line {line} and the line after it, with one blank between keytype and key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"The keytype stands on one line of authorized_keys and the key on the next.

## What it means

A line break came in after `ssh-rsa` or `ssh-ed25519`. The first line is a word without a key, and the second a key without its word.

## Why sshd refuses

One line is one key. sshd skips both lines.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Join the two lines, with one blank between keytype and key. In vi: `J`.

## Pitfalls

- The key itself may be broken as well: after joining, check with `ssh-keygen -lf`.
- Web pages and mails wrap at the first blank, which is this one.
- Copy files, not screens: `ssh-copy-id`, `scp`, or a here-document; a terminal window wraps and trims.
- Dropbear skips such a line too, without a log line.
"#,
};
