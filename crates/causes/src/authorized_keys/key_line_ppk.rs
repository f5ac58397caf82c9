//! `key-line-ppk`

use crate::prelude::*;

/// The cause `key-line-ppk`.
pub static CAUSE: Cause = Cause {
    id: "key-line-ppk",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a PuTTY key file (.ppk): sshd does not read that form, and it holds the private key",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "unless the file was encrypted, the key is no secret any more: make a new pair",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "in PuTTYgen, load the .ppk and copy the line from the box \"Public key for pasting into OpenSSH authorized_keys file\"; on Unix: puttygen prints it",
            commands: &["puttygen -L KEY.ppk"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "remove the .ppk text from {file}, from PuTTY-User-Key-File to Private-MAC",
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the public key, as one line, in its place",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A PuTTY private key file (PuTTY-User-Key-File) was put into authorized_keys.

## What it means

The text starts with `PuTTY-User-Key-File-2:` or `-3:`. A `.ppk` file holds both halves of the pair, and is for PuTTY on the client alone.

## Why sshd refuses

sshd wants one line for each public key, and skips every line of the file.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "PuTTY-User-Key-File" ~/.ssh/authorized_keys`

## Mend

- In PuTTYgen, load the `.ppk` and copy the box "Public key for pasting into OpenSSH authorized_keys file"; on Unix: `puttygen -L KEY.ppk`.
- Put that line into authorized_keys, and remove the `.ppk` text.
- If it says `Encryption: none`, make a new pair.

## Pitfalls

- The Public-Lines in the file are the right key in base64, but wrapped and without keytype.
- With encryption the passphrase is all that guards it now: a new pair is the safer way here too.
- PuTTYgen's "Save public key" writes RFC 4716, which sshd does not read either.
"#,
};
