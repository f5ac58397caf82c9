//! `key-line-bom`

use crate::prelude::*;

/// The cause `key-line-bom`.
pub static CAUSE: Cause = Cause {
    id: "key-line-bom",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a UTF-8 byte order mark stands before the first key of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "it is invisible in most editors; only line 1 is hit",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the three bytes (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && LC_ALL=C sed \"1s/^$(printf '\\357\\273\\277')//\" < {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"The first key of authorized_keys does not work: a UTF-8 byte order mark (BOM) stands before it.

## What it means

A Windows editor saved the file as "UTF-8 with BOM". Three invisible bytes, EF BB BF, come before the first word.

## Why sshd refuses

The first word is then not `ssh-rsa`, but these bytes and `ssh-rsa`. sshd skips the line. All other lines work.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `head -c 3 ~/.ssh/authorized_keys | od -An -tx1` prints `ef bb bf`.

## Mend

- `cp -p FILE FILE.before` and `tail -c +4 FILE.before > FILE`

## Pitfalls

- Most editors do not show it; in vi `:set nobomb` and save.
- Only the first line is hit; if that is a comment or empty, nothing is wrong.
- In sshd_config the same bytes keep sshd from starting.
- Dropbear skips such a line too, without a log line.
"#,
};
