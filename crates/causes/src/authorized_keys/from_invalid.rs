//! `from-invalid`

use crate::prelude::*;

/// The cause `from-invalid`.
pub static CAUSE: Cause = Cause {
    id: "from-invalid",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the from= list on line {line} of {file} cannot be read, so the key is refused from everywhere",
    rule: "from=\"{pattern}\": found an entry that is no address, network or pattern",
    note: "one bad entry spoils the whole list, those before it too",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "on line {line} of {file}, correct the entry: a network has no host bits (192.168.1.0/24, not 192.168.1.5/24), no entry is empty, and no comma ends the list",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: invalid from criteria",
        },
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
    page: r#""invalid from criteria": one bad entry in from= of authorized_keys refuses the key from everywhere.

## What it means

The list has an entry that sshd cannot read: a network with host bits (`192.168.1.5/24`), an empty entry, a comma at the end, or an empty list.

## Why sshd refuses

A list with a bad entry counts as no match, even where a good entry before it would match.

## How to see it

- sshd at DEBUG1: `…/authorized_keys:N: invalid from criteria`; at INFO the line of a plain mismatch follows.
- sshd, LogLevel INFO: `…/authorized_keys:N: Authentication tried for NAME with correct key but not from a permitted host (host=HOST, ip=ADDRESS, required=PATTERNS).`, then `Refused by key options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: Your host 'ADDRESS' is not permitted to use this key for login.` (PuTTY's Event Log: `Remote debug message: …`).

## Mend

- Correct the entry: `192.168.1.0/24` for the network, `192.168.1.5` for the host; no empty entries.

## Pitfalls

- The INFO line says "not from a permitted host", which looks like a wrong address: look at DEBUG1.
- AllowUsers and Match Address reject the same entry when sshd starts; `from=` shows it only at the login.
- Python: `ipaddress.ip_network('192.168.1.5/24', strict=False)` prints the right network.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
