//! `ca-file-bad-line-first`

use crate::prelude::*;

/// The cause `ca-file-bad-line-first`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-bad-line-first",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "sshd stops at line {line} of {file}, which it cannot read, before it comes to the CA",
    rule: "{keyword} {value} ({origin}): one plain public key on each line; the first line that is no key ends the search",
    note: "lines after the CA do no harm",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "put a # before line {line} (the old file stays as {file}.before): the file takes neither options nor blank lines with a CR",
        commands: &[
            "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && sed {line}'s/^[^#]/#&/' < {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
    }],
    page: r#"A line that is no key, before the CA in the TrustedUserCAKeys file, makes sshd refuse all certificates of that CA.

## What it means

The file takes one plain public key on each line. Something else stands before the CA's line: `cert-authority ` as in authorized_keys, text, a Windows empty line (CR), or an `ssh-dss` key on OpenSSH 10.

## Why sshd refuses

sshd stops at the first line it cannot read. CAs before that line are found, those after it are not.

## How to see it

- sshd at DEBUG2: `CA ED25519 SHA256:… is not listed in /etc/ssh/ca.pub: invalid format`
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `cat -A FILE`; `ssh-keygen -lf FILE` lists what it can read.

## Mend

- Remove the line, or make a plain `ssh-ed25519 AAAA… comment` of it.
- The file is read at each login: no reload is needed.

## Pitfalls

- `#` comments and truly empty lines are fine; a line with a CR alone is not.
- Lines after the CA do no harm, so that an order by chance decides.
- An `ssh-dss` CA did no harm up to 9.x and blocks from 10.0 on: look before the upgrade.
- authorized_keys forgives such lines, this file does not.
"#,
};
