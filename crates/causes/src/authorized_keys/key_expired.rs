//! `key-expired`

use crate::prelude::*;

/// The cause `key-expired`.
pub static CAUSE: Cause = Cause {
    id: "key-expired",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key on line {line} of {file} expired on {date}",
    rule: "expiry-time=\"{value}\"",
    note: "without Z at its end the time is the server's local time; a date alone means 00:00 of that day",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "ask whoever set the expiry for a new entry; with a new key they add a new line and leave this one",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "where they agree that this key goes on, they write a later expiry-time on line {line} of {file}",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: entry expired at {date}",
        },
        LogLine {
            level: Level::Debug1,
            text: "principals: entry expired at {date}",
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
    page: r#""entry expired at …": the expiry-time of the key in authorized_keys is past.

## What it means

The line has `expiry-time="…"`, and by the server's clock that instant is over. Somebody gave the key a limited time.

## Why sshd refuses

From its expiry on, the line lets nobody in. sshd goes on with the next line.

## How to see it

- sshd, LogLevel INFO: `Refused by key options` and nothing more; at DEBUG1: `…/authorized_keys:N: entry expired at 2020-01-01T00:00:00`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: entry expired at 2020-01-01T00:00:00` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'expiry-time=' ~/.ssh/authorized_keys`; `date` shows the server's clock.

## Mend

- Ask whoever set the time for a new entry, best with a new key.
- If the server's clock is wrong, mend that.

## Pitfalls

- Without `Z` or `UTC` the time is the server's local time; those suffixes need OpenSSH 9.1.
- A date alone means 00:00 of that day: the key is dead on the day itself.
- With several expiry-time options the earliest counts.
- `principals on non-CA key` has the same INFO line.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
