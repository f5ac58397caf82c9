//! `key-option-unknown`

use crate::prelude::*;

/// The cause `key-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unknown",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: it does not know the option {option}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({build}: {reason})",
    note: "an option newer than the server counts as unknown too",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, correct the spelling of {option}, or ask whoever wrote the line what it is for",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or, where {option} came with a later OpenSSH, update the server",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "taking {option} away lets the key do what the option forbids: ask first",
            commands: &[],
            safety: Safety::Weakens,
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
            level: Level::Info,
            text: "Bad public key options at {file}:{line}",
        },
    ],
    page: r#""bad key options: unknown key option": an option in authorized_keys is misspelt or newer than the server.

## What it means

Before the key stands a word that this server does not know as an option. It is a typing error, or it came with a later OpenSSH.

## Why sshd refuses

sshd reads the options before the key. If it cannot read them all, it ignores the line: otherwise a misspelt restriction would be no restriction.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG1: `…/authorized_keys:N: bad key options: unknown key option`; OpenSSH to 7.6, at INFO: `Bad options in …/authorized_keys file, line N: …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: bad key options: unknown key option` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'OPTION' ~/.ssh/authorized_keys`

## Mend

- Correct the spelling; sshd(8) lists the options of this version.
- Where the option is newer, update the server, or ask whoever wrote it what may stand in its place.

## Pitfalls

- New with: `restrict` 7.2, `expiry-time` 7.7, `permitlisten` 7.8, `no-touch-required` 8.2, `verify-required` 8.4.
- A blank after a comma, a missing quote or a word before the keytype shows as the same message.
- Names do not depend on case; `no-restrict` and `no-cert-authority` do not exist.
- Do not drop an option to get in: it says what the key may do.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
