//! `key-line-wrapped`

use crate::prelude::*;

/// The cause `key-line-wrapped`.
pub static CAUSE: Cause = Cause {
    id: "key-line-wrapped",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key that starts on line {line} of {file} is broken over several lines",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "copying from a window that wraps long lines puts line breaks into the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of lines {line} to {last_line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} -v m={last_line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"] }} !have && FNR >= n && FNR <= m {{ next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "in {file}, join the pieces from line {line} on into one line, with no blank inside the base64 part",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A public key pasted into authorized_keys was broken over several lines.

## What it means

The base64 part of the key has line breaks in it. The first piece is no whole key, and the pieces after it are lines without a keytype.

## Why sshd refuses

One line is one key. The first piece decodes to a cut-off key, which sshd skips; each further piece is skipped as well.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Join the pieces into one line, with no blank inside the base64 part. In vi: `J` joins with a blank, `gJ` without one; use `gJ`.
- Or write the line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- An editor may show one long line over several rows: `wc -l` and `cat -A` count real lines.
- Copy files, not screens: `ssh-copy-id`, `scp`, or a here-document; a terminal window wraps and trims.
- nano with long-line wrapping on (`nano -r`, old defaults) breaks lines when it saves; `nano -w` does not.
- Dropbear skips such a line too, without a log line.
"#,
};
