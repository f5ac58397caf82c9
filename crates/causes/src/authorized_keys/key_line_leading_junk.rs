//! `key-line-leading-junk`

use crate::prelude::*;

/// The cause `key-line-leading-junk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-leading-junk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "\"{found}\" stands before the key on line {line} of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; what stands before the keytype is read as options",
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
            text: "on line {line} of {file}, remove what stands before the keytype",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
        LogLine {
            level: Level::Debug2,
            text: "{file}:{line}: advance: '{rest}",
        },
    ],
    page: r#"Something stands before the keytype in authorized_keys: a list dash, a number, a label.

## What it means

Before `ssh-…` come characters such as `- `, `1)`, `key:`, `>` or `+`, copied from a list, a YAML file, a mail or a diff.

## Why sshd refuses

What stands before the keytype is read as options. sshd knows no option `-` or `key:`, and ignores the line as a whole.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG1, for one word before the key: `…/authorized_keys:N: bad key options: unknown key option`; for two or more, nothing but `advance:` at DEBUG2.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: bad key options: unknown key option` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Remove what stands before the keytype; options that belong there stay.

## Pitfalls

- Blanks and TABs at the start do no harm (on OpenSSH).
- `user:ssh-rsa AAAA…`, the form of cloud metadata, is one such label.
- A doubled keytype, `ssh-rsa ssh-rsa AAAA…`, is another.
- Dropbear skips such a line too, without a log line.
"#,
};
