//! `key-type-mismatch`

use crate::prelude::*;

/// The cause `key-type-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "key-type-mismatch",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} says {found}, but the key on it is of type {expected}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; the keytype must be the one inside the key",
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
            text: "on line {line} of {file}, write {expected} in the place of {found}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"The word before the key in authorized_keys is not the type of the key.

## What it means

The line says, for example, `ssh-rsa`, and the key behind it is an Ed25519 key. Or the curve is another: `ecdsa-sha2-nistp256` before a P-384 key.

## Why sshd refuses

sshd decodes the key and compares the type inside with the word outside. If they differ the line is skipped.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `awk '{print $2}' FILE | base64 -d | head -c 30 | strings` shows the type inside, for a line without options.

## Mend

- Write the type that is inside the key, or take the line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- `rsa-sha2-256` and `rsa-sha2-512` are signature algorithms; before an RSA key OpenSSH takes them as `ssh-rsa` from 7.2 on, but other programs do not.
- Somebody who copies a line as a template and replaces the key alone makes this mistake.
- A certificate's type (`…-cert-v01@openssh.com`) before a plain key is another word too.
- Dropbear skips such a line too, without a log line.
"#,
};
