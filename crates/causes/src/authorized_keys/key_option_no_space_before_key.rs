//! `key-option-no-space-before-key`

use crate::prelude::*;

/// The cause `key-option-no-space-before-key`.
pub static CAUSE: Cause = Cause {
    id: "key-option-no-space-before-key",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: no blank separates the options from the keytype",
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
            text: "on line {line} of {file}, put a blank before the keytype",
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
    page: r#"from="…"ssh-ed25519 AAAA…: the blank between options and keytype is missing.

## What it means

The keytype follows the closing quote, or the last option, at once. For sshd it is then part of the options.

## Why sshd refuses

The options end at the first blank outside quotes, which here stands behind the keytype. What follows is the base64 part, no keytype, so the line is skipped.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n '"ssh-\|"ecdsa-\|"sk-' ~/.ssh/authorized_keys`

## Mend

- Put one blank before the keytype.

## Pitfalls

- Templates that join options and key without a separator make all lines so: mend the template.
- With an empty options variable the same template works, which hides the mistake.
- Do not drop an option to get in: it says what the key may do.
"#,
};
