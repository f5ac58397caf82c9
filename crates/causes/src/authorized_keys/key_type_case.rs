//! `key-type-case`

use crate::prelude::*;

/// The cause `key-type-case`.
pub static CAUSE: Cause = Cause {
    id: "key-type-case",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the keytype on line {line} of {file} is written {found}: sshd knows {expected} alone",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; keytypes are case-sensitive",
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
            text: "on line {line} of {file}, write the keytype in small letters: {expected}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"SSH-RSA or Ssh-Ed25519 in authorized_keys: the keytype must be in small letters.

## What it means

The keytype is written with capital letters. Telephones, office programs and some forms do that at the start of a sentence.

## Why sshd refuses

Keytypes are compared letter by letter, case included. sshd does not know this one, and skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Write the keytype in small letters: `ssh-ed25519`, `ssh-rsa`.

## Pitfalls

- Whatever changed the first word may have changed the key too: base64 depends on case. Check the fingerprint with `ssh-keygen -lf`.
- Names of options do not depend on case, `From="…"` is fine; that makes the rule surprising.
- Dropbear skips such a line too, without a log line.
"#,
};
