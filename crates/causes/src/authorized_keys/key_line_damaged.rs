//! `key-line-damaged`

use crate::prelude::*;

/// The cause `key-line-damaged`.
pub static CAUSE: Cause = Cause {
    id: "key-line-damaged",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key on line {line} of {file} differs from the offered key in some characters",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "length and comment are the same; one changed character makes another key, or none",
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
            text: "put the whole public key on line {line} of {file}, as the one line that ssh-keygen -y -f KEY or PuTTYgen's box \"Public key for pasting into OpenSSH authorized_keys file\" shows",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A line in authorized_keys looks like the right key, but some of its characters differ.

## What it means

Length, keytype and comment agree with the offered key, and a few base64 characters do not. It was typed by hand, read from a picture, or changed by a program that "corrects" text.

## Why sshd refuses

One changed character makes another key, or none at all. sshd compares byte for byte.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- Compare character by character: `diff <(tr -d ' ' < KEY.pub | fold -w1) <(sed -n Np ~/.ssh/authorized_keys | tr -d ' ' | fold -w1)`, with N the line (bash).
- `ssh-keygen -lf` on both sides shows two fingerprints.

## Mend

- Write the line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- `l` and `I`, `0` and `O` look alike in many fonts.
- A changed case is enough: base64 has both.
- If both fingerprints are valid keys, the other may be an older key with the same comment: then it is the key that changed, not the line.
- Dropbear skips such a line too, without a log line.
"#,
};
