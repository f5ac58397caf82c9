//! `key-line-truncated`

use crate::prelude::*;

/// The cause `key-line-truncated`.
pub static CAUSE: Cause = Cause {
    id: "key-line-truncated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key on line {line} of {file} is cut off",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "the part that is there agrees with the offered key",
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
    page: r#"A public key in authorized_keys is cut off at its end.

## What it means

The line starts as the offered key does, and ends too early. Base64 was lost when it was copied, typed into a form with a length limit, or read from a window.

## Why sshd refuses

The decoded key ends before its fields are complete, or lacks its `=` padding. sshd skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Write the whole line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- Line editors of consoles and serial terminals stop at 255, 1024 or 4095 characters; an RSA key of 4096 bits has about 740.
- A missing `=` at the end is enough for sshd to skip the line.
- Length check: an ssh-ed25519 key has 68 base64 characters.
- Copy files, not screens: `ssh-copy-id`, `scp`, or a here-document; a terminal window wraps and trims.
- Dropbear skips such a line too, without a log line.
"#,
};
