//! `key-option-duplicate`

use crate::prelude::*;

/// The cause `key-option-duplicate`.
pub static CAUSE: Cause = Cause {
    id: "key-option-duplicate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "sshd ignores line {line} of {file}: the option {option} stands there twice",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: a line whose options cannot be read is ignored as a whole ({reason})",
    note: "command=, from= and principals= may stand on a line once",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {line} of {file} which of the two is meant, and keep that one; several patterns for from= go into one list, separated by commas",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad key options: multiple \"{option}\" clauses",
        },
        LogLine {
            level: Level::Info,
            text: "Bad options in {file} file, line {line}: {rest}",
        },
    ],
    page: r#""multiple \"from\" clauses": command=, from= or principals= stands twice on a line of authorized_keys.

## What it means

The line has the same option twice. sshd would not know which one counts.

## Why sshd refuses

sshd reads the options before the key. If it cannot read them all, it ignores the line: otherwise a misspelt restriction would be no restriction. `command=`, `from=` and `principals=` are allowed once.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at DEBUG1: `…/authorized_keys:N: bad key options: multiple "from" clauses`; OpenSSH to 7.6, at INFO: `Bad options in …/authorized_keys file, line N: …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: bad key options: multiple "from" clauses` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'from=.*from=' ~/.ssh/authorized_keys`

## Mend

- Ask whoever wrote the line which one is meant, and keep that.
- Several addresses go into one list: `from="10.0.0.0/8,192.0.2.7"`.

## Pitfalls

- `expiry-time=` may stand several times; the earliest counts. `permitopen=`, `permitlisten=` and `environment=` may repeat too.
- A tool that adds `from=` without looking makes such lines.
- Do not drop an option to get in: it says what the key may do.
- Dropbear refuses lines with any option it does not know, `from=` and `expiry-time=` among them: `Bad public key options at …`.
"#,
};
