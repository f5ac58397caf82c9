//! `from-mismatch`

use crate::prelude::*;

/// The cause `from-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "from-mismatch",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} lets the key in from {pattern}, and this login comes from {found}",
    rule: "from=\"{pattern}\"",
    note: "the address is the one sshd sees, behind NAT, VPN or a jump host",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in from a permitted address, or by way of a machine that has one",
            commands: &["ssh -J JUMPHOST {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "ask whoever wrote line {line} of {file} whether {found} may be added to its from=",
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
    page: r#""Authentication tried for NAME with correct key but not from a permitted host": from= in authorized_keys does not allow the client's address.

## What it means

The line with the key has a `from="…"` list, and the address that sshd sees is not on it. The key itself is right.

## Why sshd refuses

sshd compares the list with the client's address, and with its host name if UseDNS is on. Without a match the line is refused, and the search goes on.

## How to see it

- sshd, LogLevel INFO: `…/authorized_keys:N: Authentication tried for NAME with correct key but not from a permitted host (host=HOST, ip=ADDRESS, required=PATTERNS).`, then `Refused by key options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: Your host 'ADDRESS' is not permitted to use this key for login.` (PuTTY's Event Log: `Remote debug message: …`).
- `ip=` in that line is the address sshd saw.

## Mend

- Log in from an allowed address, or through a machine that has one: `ssh -J JUMPHOST NAME@SERVER`.
- Ask whoever wrote the line whether the new address may be added.

## Pitfalls

- NAT, VPN, jump hosts, IPv6 and privacy addresses change what sshd sees: read `ip=`.
- Host names match only with `UseDNS yes` (not the default since 6.8), and only if name and address agree both ways.
- An IPv4 client never matches `::ffff:192.0.2.7`: sshd sees plain IPv4.
- Separators are commas alone; `;`, blanks and netmasks such as `/255.255.255.0` do not match.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
