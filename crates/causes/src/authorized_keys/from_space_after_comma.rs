//! `from-space-after-comma`

use crate::prelude::*;

/// The cause `from-space-after-comma`.
pub static CAUSE: Cause = Cause {
    id: "from-space-after-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a blank in the from= list on line {line} of {file} keeps {found} from matching",
    rule: "from=\"{pattern}\": a blank is part of the entry it stands in",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, remove the blanks from the list; entries are separated by commas alone",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
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
    page: r#"from="10.0.0.1, 10.0.0.2" in authorized_keys: the blank after the comma keeps the second address from matching.

## What it means

The blank is part of the entry: " 10.0.0.2" is no address. Only entries without blanks around them can match.

## Why sshd refuses

sshd takes the text between two commas as it stands. The entry with the blank matches nothing, and the client's address is in that entry.

## How to see it

- sshd, LogLevel INFO: `…/authorized_keys:N: Authentication tried for NAME with correct key but not from a permitted host (host=HOST, ip=ADDRESS, required=PATTERNS).`, then `Refused by key options`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: Your host 'ADDRESS' is not permitted to use this key for login.` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'from="[^"]* [^"]*"' ~/.ssh/authorized_keys`

## Mend

- Remove the blanks: `from="10.0.0.1,10.0.0.2"`.

## Pitfalls

- The first entry still works, so that only some machines are refused.
- A list separated by blanks or `;` alone is one single entry.
- Nothing marks the list as wrong in the log; it looks like a wrong address.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
