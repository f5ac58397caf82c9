//! `key-option-unterminated-quote`

use crate::prelude::*;

/// The cause `key-option-unterminated-quote`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unterminated-quote",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: a double quote in its options is not closed",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole",
    note: "sshd logs this for every key that is offered, whoever's it is",
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
            text: "on line {line} of {file}, close the quote; a double quote inside a value is written \\\"",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "invalid key option string",
        },
        LogLine {
            level: Level::Info,
            text: "invalid key option string at {file}:{line}",
        },
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: missing end quote",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: r#""invalid key option string": a double quote in authorized_keys is opened and not closed.

## What it means

The options of a line hold an odd number of double quotes. sshd cannot tell where the options end and the key begins.

## Why sshd refuses

sshd reads the options before the key. If it cannot read them all, it ignores the line: otherwise a misspelt restriction would be no restriction.

## How to see it

- sshd, LogLevel INFO: `invalid key option string`; from 10.1 on it adds ` at …/authorized_keys:N`. It is logged for every key that is offered, whoever's it is.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: invalid key option string` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `awk -F'"' 'NF % 2 == 0 {print NR}' ~/.ssh/authorized_keys` prints lines with an odd number of quotes.

## Mend

- Close the quote, or write `\"` for a quote inside the value.

## Pitfalls

- The message also appears when *another* line than yours is broken: it costs that line alone.
- Quotes in the comment, behind the key, do not count.
- In `command="…"` of a JSON or YAML template the backslash is often lost.
- Do not drop an option to get in: it says what the key may do.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
