//! `key-line-blanks`

use crate::prelude::*;

/// The cause `key-line-blanks`.
pub static CAUSE: Cause = Cause {
    id: "key-line-blanks",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the blanks on line {line} of {file} are not as this server wants them: exactly one after the keytype, and for Dropbear none before it",
    rule: "{build}",
    note: "OpenSSH takes the line from 7.7 on",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, remove blanks before the keytype, and leave one between keytype and key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: r#"Dropbear ignores a line of authorized_keys with two blanks, or with a blank at its start.

## What it means

The line has blanks before the keytype, or more than one between keytype and key. OpenSSH reads over them, Dropbear does not.

## Why sshd refuses

Dropbear expects the keytype at the first character and the key after exactly one blank. It skips any other line.

## How to see it

- Dropbear leaves no line for it, only `Exit before auth from <ADDRESS:PORT>: (user 'NAME', 0 fails): Exited normally`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -nE "^ |ssh-[^ ]+  " authorized_keys`

## Mend

- Remove blanks at the start of the line, and leave one between keytype and key.

## Pitfalls

- On OpenWrt root's keys are in `/etc/dropbear/authorized_keys`.
- Dropbear drops a line with an option it does not know, such as `from=` or `expiry-time=`: `Bad public key options at …`.
- Lines longer than 4200 bytes are skipped too (3000 from 2026.90 on).
"#,
};
