//! `key-option-unquoted`

use crate::prelude::*;

/// The cause `key-option-unquoted`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unquoted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: the value of {option} is not in double quotes",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({reason})",
    note: "single quotes and typographic quotes do not count",
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
            text: "on line {line} of {file}, put the value of {option} in double quotes, as in {option}=\"VALUE\"",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: missing start quote",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
        LogLine {
            level: Level::Info,
            text: "Bad public key options at {file}:{line}",
        },
    ],
    page: r#""bad key options: missing start quote": the value of an option in authorized_keys is not in double quotes.

## What it means

Options with a value are written `name="value"`. Here the value stands bare, in single quotes, or in typographic quotes: `from=10.0.0.1`, `command='ls'`, `from=“10.0.0.1”`.

## Why sshd refuses

sshd reads the options before the key. If it cannot read them all, it ignores the line: otherwise a misspelt restriction would be no restriction.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG1: `…/authorized_keys:N: bad key options: missing start quote`; OpenSSH to 7.6, at INFO: `Bad options in …/authorized_keys file, line N: …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: bad key options: missing start quote` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'from=[^"]\|command=[^"]\|expiry-time=[^"]' ~/.ssh/authorized_keys`

## Mend

- Put the value in double quotes: `from="10.0.0.1"`. A double quote inside is written `\"`.

## Pitfalls

- Shell scripts that print the line lose the quotes: `printf '%s\n' 'from="10.0.0.1" ssh-ed25519 AAAA…'` keeps them.
- Word processors and wikis turn `"` into typographic quotes; `cat -A` shows them as `M-bM-^@M-^\`.
- Do not drop an option to get in: it says what the key may do.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
