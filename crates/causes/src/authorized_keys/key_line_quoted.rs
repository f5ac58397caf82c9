//! `key-line-quoted`

use crate::prelude::*;

/// The cause `key-line-quoted`.
pub static CAUSE: Cause = Cause {
    id: "key-line-quoted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file}, or the key on it, stands in quotes",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; only the values of options are quoted",
    note: "",
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
            text: "on line {line} of {file}, remove the quotes around the key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug2,
            text: "{file}:{line}: advance: '{rest}",
        },
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: r#"The key in authorized_keys stands in quotes.

## What it means

A quote stands before the keytype, and mostly one at the end: `"ssh-ed25519 AAAA… me@host"`. It came from a shell script, YAML or JSON.

## Why sshd refuses

Quotes belong around the values of options. A line that starts with one is taken as options without an end, or with no key behind them.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- sshd, LogLevel INFO, for a quote that is not closed: `invalid key option string`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Remove the quotes around the key.

## Pitfalls

- In Ansible, Terraform and cloud-init, look at the rendered file and mend the template, or the quotes come back.
- A single quote is no quote to sshd, only a strange character.
- Typographic quotes have the same effect.
- Dropbear skips such a line too, without a log line.
"#,
};
