//! `key-option-space-in-list`

use crate::prelude::*;

/// The cause `key-option-space-in-list`.
pub static CAUSE: Cause = Cause {
    id: "key-option-space-in-list",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: a blank stands among its options",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; options are separated by commas, with no blank outside quotes",
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
            text: "on line {line} of {file}, remove the blanks among the options, and separate the options by commas",
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
    page: r#"A blank among the options in authorized_keys kills the line: from="…", no-pty ssh-ed25519 ….

## What it means

Options are one word: separated by commas, with no blank outside quotes. Here a blank follows a comma, stands around `=`, or separates two options.

## Why sshd refuses

The first blank outside quotes ends the options, and sshd expects the keytype behind it. It finds another option there, and skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n '", ' ~/.ssh/authorized_keys`; `ssh-keygen -lf ~/.ssh/authorized_keys` leaves the line out.

## Mend

- `from="10.0.0.1",no-pty ssh-ed25519 AAAA…`: commas and no blanks among the options, one blank before the keytype.

## Pitfalls

- Blanks inside quotes are part of the value; in `command="a b"` that is right, in `from="a, b"` it is a mistake of its own.
- A trailing comma and doubled commas do no harm.
- No message says "option" here: the line is silently no key.
- Do not drop an option to get in: it says what the key may do.
"#,
};
