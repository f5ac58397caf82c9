//! `key-option-bad-value`

use crate::prelude::*;

/// The cause `key-option-bad-value`.
pub static CAUSE: Cause = Cause {
    id: "key-option-bad-value",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: it cannot read the value of {option}",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({reason})",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "on line {line} of {file}, write the value as sshd(8) wants it: expiry-time=\"YYYYMMDD[HHMM[SS]]\", environment=\"NAME=VALUE\", permitopen=\"HOST:PORT\", permitlisten=\"[HOST:]PORT\", tunnel=\"N\"",
        commands: &[],
        safety: Safety::Neutral,
    }],
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
        LogLine {
            level: Level::Info,
            text: "Badly formatted command= authorized_keys option",
        },
        LogLine {
            level: Level::Info,
            text: "Badly formatted permitopen= authorized_keys option",
        },
    ],
    page: r#""bad key options: invalid expires time" (or another): the value of an option in authorized_keys cannot be read.

## What it means

The option is known, and its value has the wrong form: a date such as `2099-01-01`, a port that is no number, an environment entry without `=`.

## Why sshd refuses

sshd reads the options before the key. If it cannot read them all, it ignores the line: otherwise a misspelt restriction would be no restriction.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG1: `…/authorized_keys:N: bad key options: invalid expires time`; OpenSSH to 7.6, at INFO: `Bad options in …/authorized_keys file, line N: …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: bad key options: invalid expires time` (PuTTY's Event Log: `Remote debug message: …`).
- Other reasons at the same place: `invalid environment string`, `invalid permission port`, `invalid permission hostname`, `invalid tun device`, `missing end quote`.

## Mend

- `expiry-time="YYYYMMDD"` or `"YYYYMMDDHHMM"` or `"YYYYMMDDHHMMSS"`; `Z` at its end (UTC) from OpenSSH 9.1 on.
- `environment="NAME=VALUE"`, `permitopen="HOST:PORT"`, `permitlisten="[HOST:]PORT"`, `tunnel="N"`.

## Pitfalls

- `expiry-time` with `Z` on 9.0 and earlier is a bad value, so the line is dead there.
- IPv6 addresses in `permitopen` need brackets: `"[2001:db8::1]:80"`.
- `environment=` is read, and then has no effect unless PermitUserEnvironment allows it.
- Do not drop an option to get in: it says what the key may do.
"#,
};
