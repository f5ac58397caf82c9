//! `key-line-rfc4716`

use crate::prelude::*;

/// The cause `key-line-rfc4716`.
pub static CAUSE: Cause = Cause {
    id: "key-line-rfc4716",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a key in RFC 4716 form (BEGIN SSH2 PUBLIC KEY): sshd does not read that form here",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "PuTTYgen's button \"Save public key\" writes this form",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key as one line; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key as a line of its own; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {line_to_add} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or convert it to one line, and put that line in place of the block: ssh-keygen prints it",
            commands: &[
                "sed -n '/BEGIN SSH2 PUBLIC/,/END SSH2 PUBLIC/p' < {file} | ssh-keygen -i -f /dev/stdin",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or copy the line from PuTTYgen's box \"Public key for pasting into OpenSSH authorized_keys file\"",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"authorized_keys holds "---- BEGIN SSH2 PUBLIC KEY ----": PuTTYgen's "Save public key" wrote it, and OpenSSH does not read it there.

## What it means

The key is a block of several lines in the form of RFC 4716. It is the same key, written another way.

## Why sshd refuses

sshd wants one line for each key. None of the lines of the block is one, so all are skipped.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "BEGIN SSH2" ~/.ssh/authorized_keys`

## Mend

- `sed -n '/BEGIN SSH2 PUBLIC/,/END SSH2 PUBLIC/p' FILE | ssh-keygen -i -f /dev/stdin` prints the key as one line; put that line into authorized_keys.
- Or in PuTTYgen, load the private key and copy the box "Public key for pasting into OpenSSH authorized_keys file" whole: it is one long line, scroll to its end.

## Pitfalls

- Removing the first and last line of the block is not enough: the rest is still wrapped, and the keytype is missing.
- `ssh-keygen -i` wants the block alone: with other lines before it, it fails.
- ssh.com's and Tectia's servers do read this form.
- Dropbear skips such a line too, without a log line.
"#,
};
