//! `key-line-known-hosts`

use crate::prelude::*;

/// The cause `key-line-known-hosts`.
pub static CAUSE: Cause = Cause {
    id: "key-line-known-hosts",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} is written as for known_hosts",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; marks such as @cert-authority and host names belong into known_hosts",
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
            text: "on line {line} of {file}, remove what stands before the keytype; for a CA key write the option cert-authority there",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
        LogLine {
            level: Level::Debug2,
            text: "{file}:{line}: advance: '{rest}",
        },
    ],
    page: r#"A line of known_hosts (@cert-authority * ssh-rsa …) was put into authorized_keys.

## What it means

The line starts with a mark (`@cert-authority`, `@revoked`) or host names before the keytype. That is the form of known_hosts, where clients keep the keys of servers.

## Why sshd refuses

In authorized_keys the words before the keytype are options. sshd knows no such options, and skips the line.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- sshd at DEBUG1 may say `bad key options: unknown key option`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys` lists the lines it can read, with fingerprints; the line is missing there. With no readable line at all it says `is not a public key file`.

## Mend

- For a CA: `cert-authority ssh-ed25519 AAAA…`, without `@` and without a host pattern.
- For a plain key: keytype and key alone.

## Pitfalls

- `@cert-authority` in known_hosts trusts a CA for *hosts*; for users it may be another CA: ask before you trust it.
- `ssh-keyscan` prints host keys, in this form: those are never what authorized_keys needs.
- Dropbear skips such a line too, without a log line.
"#,
};
