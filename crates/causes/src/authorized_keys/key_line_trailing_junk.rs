//! `key-line-trailing-junk`

use crate::prelude::*;

/// The cause `key-line-trailing-junk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-trailing-junk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "there is something after the end of the key on line {line} of {file}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; the decoded key must end where its fields end",
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
            text: "on line {line} of {file}, remove what stands between the key's last character and the comment",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"Something stands right behind the key in authorized_keys, so that it does not decode any more.

## What it means

After the last character of the key comes more: further base64, a `#`, a quote or a comma, without a blank in between.

## Why sshd refuses

The decoded key must end where its fields end, and base64 must hold nothing else. `AAAA` behind a key makes it another blob, and `#` is not base64; a comment needs a blank before it.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- Remove what stands between the key and the comment, or put a blank there.
- Or write the line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- `#` begins a comment only at the start of a line.
- CR at the end of the line (CRLF files) does no harm.
- `cut` and `awk` scripts that build the file are a common source: mend the script.
- Dropbear skips such a line too, without a log line.
"#,
};
