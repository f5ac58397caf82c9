//! `key-line-tab`

use crate::prelude::*;

/// The cause `key-line-tab`.
pub static CAUSE: Cause = Cause {
    id: "key-line-tab",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a TAB separates keytype and key on line {line} of {file}: this server takes a blank alone",
    rule: "{build}: the separator is one blank; OpenSSH takes a TAB from 7.7 on, Dropbear does not",
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
            text: "on line {line} of {file}, put one blank in the place of the TAB",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A TAB between keytype and key in authorized_keys: OpenSSH before 7.7 and Dropbear want a blank.

## What it means

Keytype and key are separated by a TAB. That is fine for OpenSSH 7.7 and later, and for no earlier one.

## Why sshd refuses

The old reader takes a blank alone for a separator. With a TAB it finds no key on the line, and skips it.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `cat -A ~/.ssh/authorized_keys` shows `^I` for a TAB. `ssh -V` and `sshd -V` tell the version.

## Mend

- Put one blank in the place of the TAB.

## Pitfalls

- Spreadsheets and `column` put TABs in.
- A file that is shared between old and new servers works on half of them.
- Dropbear, up to the newest, wants exactly one blank and none before the keytype; it leaves no log line.
"#,
};
