//! `key-type-damaged`

use crate::prelude::*;

/// The cause `key-type-damaged`.
pub static CAUSE: Cause = Cause {
    id: "key-type-damaged",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "{found} stands on line {line} of {file} where the keytype belongs",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "pasting into vi before insert mode swallows the first letters, up to the first i, a or s that starts insert mode",
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
            text: "on line {line} of {file}, write {expected} in the place of {found}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"authorized_keys starts with sh-rsa, h-ed25519 or similar: the first letters of the line are missing.

## What it means

The keytype has lost its first letters. The usual reason: the line was pasted into vi before insert mode, so that the first `s` was taken as a command.

## Why sshd refuses

`sh-rsa` is no keytype. sshd takes it for options, knows no such option or finds no key behind it, and skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- sshd at DEBUG1 may say `bad key options: unknown key option`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Write the keytype in full: `ssh-ed25519`, `ssh-rsa`, `ecdsa-sha2-nistp256`.

## Pitfalls

- In vi type `i` (or `:set paste`) first. vi's `s` deletes the character under the cursor, so the line before may be damaged too: check it.
- Options at the start of the line may have lost letters in the same way, such as `rom="…"`.
- Dropbear skips such a line too, without a log line.
"#,
};
