//! `key-type-missing`

use crate::prelude::*;

/// The cause `key-type-missing`.
pub static CAUSE: Cause = Cause {
    id: "key-type-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "no keytype stands right before the base64-encoded key on line {line} of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
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
            text: "on line {line} of {file}, write {keytype} and a blank before the key",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A line of authorized_keys starts with AAAA…: the word ssh-rsa or ssh-ed25519 before it is missing.

## What it means

The line holds the base64 part alone. It does contain the type, but sshd wants the word in front as well.

## Why sshd refuses

The first word of a line is a keytype or options. `AAAA…` is neither, so sshd takes it for options, finds no key behind them, and skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Put the keytype and one blank before the key: `AAAAC3NzaC1lZDI1NTE5` is ssh-ed25519, `AAAAB3NzaC1yc2E` is ssh-rsa, `AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY` is ecdsa-sha2-nistp256.

## Pitfalls

- Options stay where they are, before the keytype.
- Pasting into vi without insert mode eats the first letters, and so this word.
- A selection by double click takes one word and leaves the first out.
- Dropbear skips such a line too, without a log line.
"#,
};
