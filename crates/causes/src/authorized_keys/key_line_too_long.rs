//! `key-line-too-long`

use crate::prelude::*;

/// The cause `key-line-too-long`.
pub static CAUSE: Cause = Cause {
    id: "key-line-too-long",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} is longer than this server reads",
    rule: "{build}: OpenSSH up to 7.7 drops lines of more than 16384 bytes, Dropbear of more than about 4200",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "shorten the line: the comment, or options such as a long command= (put the command into a script of its own)",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug1,
        text: "{file} line {line} exceeds size limit",
    }],
    page: r#"A line of authorized_keys is longer than the server reads.

## What it means

OpenSSH up to 7.7 reads lines of at most 16 KiB, Dropbear of about 4200 bytes (3000 in its newest versions). OpenSSH 7.8 and later have no limit.

## Why sshd refuses

A longer line is dropped whole, with the key on it.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd to 7.7, at DEBUG1: `…/authorized_keys line N exceeds size limit`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `awk '{ print NR, length($0) }' ~/.ssh/authorized_keys | sort -k2 -n | tail -3`

## Mend

- Shorten the comment, or long options: put a long `command=` into a script and name that.
- Use a shorter key: an Ed25519 line has about 80 characters.

## Pitfalls

- RSA keys of 16384 bits have lines of about 2800 characters.
- A file without line feeds is one long line: see keys-file-cr-only.
- Dropbear from 2026.90 on stops after 300 lines as well.
"#,
};
