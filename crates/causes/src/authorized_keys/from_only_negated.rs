//! `from-only-negated`

use crate::prelude::*;

/// The cause `from-only-negated`.
pub static CAUSE: Cause = Cause {
    id: "from-only-negated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the from= list on line {line} of {file} only says from where the key is refused, so it is refused from everywhere",
    rule: "from=\"{pattern}\": a list matches only if one of its entries without ! does",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "ask whoever wrote line {line} of {file} which addresses are meant, and add them to the list, as in from=\"{pattern},192.0.2.0/24\"",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or add ,* where every other address is meant: from=\"{pattern},*\"",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{file}:{line}: Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}, required={pattern}).",
        },
        LogLine {
            level: Level::Info,
            text: "Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}).",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options at {file}:{line}",
        },
    ],
    page: r#"from="!10.0.0.1" in authorized_keys refuses the key from everywhere: a list of exceptions alone never matches.

## What it means

Each entry of the list begins with `!`. It says from where the key is refused, and nowhere from where it is accepted.

## Why sshd refuses

A list matches if some entry without `!` does and none with `!`. With exceptions alone there is nothing that could match.

## How to see it

- sshd, LogLevel INFO: `…/authorized_keys:N: Authentication tried for NAME with correct key but not from a permitted host (host=HOST, ip=ADDRESS, required=PATTERNS).`, then `Refused by key options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: Your host 'ADDRESS' is not permitted to use this key for login.` (PuTTY's Event Log: `Remote debug message: …`).

## Mend

- Name the addresses that are meant: `from="10.0.0.0/8,!10.0.0.1"`.
- Where all others are meant: `from="*,!10.0.0.1"`.

## Pitfalls

- The order in the list has no weight: an exception always wins.
- `*` opens the key to the whole world but for the exceptions: ask first.
- Match blocks in sshd_config have the same rule.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
