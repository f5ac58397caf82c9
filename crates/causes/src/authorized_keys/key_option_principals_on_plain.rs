//! `key-option-principals-on-plain`

use crate::prelude::*;

/// The cause `key-option-principals-on-plain`.
pub static CAUSE: Cause = Cause {
    id: "key-option-principals-on-plain",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} lets no plain key in: it has principals= without cert-authority",
    rule: "principals= names those a certificate may stand for, so it needs a CA key on the line",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {line} of {file} what it is for: with a CA's key it needs cert-authority as well; with a plain key principals= has no meaning and can go, the other options stay",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: principals on non-CA key",
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
    page: r#""principals on non-CA key": principals= in authorized_keys without cert-authority refuses the key.

## What it means

`principals="…"` says for which names certificates of a CA are accepted. The line has no `cert-authority`, so there is no CA, and no certificate to look at.

## Why sshd refuses

sshd refuses a plain key on a line with `principals=`, rather than let it in without the condition that somebody wrote.

## How to see it

- sshd, LogLevel INFO: `Refused by key options` (10.1 and later add ` at …/authorized_keys:N`); at DEBUG1 the reason: `…/authorized_keys:N: principals on non-CA key`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: …/authorized_keys:N: principals on non-CA key` (PuTTY's Event Log: `Remote debug message: …`).
- On the server: `grep -n 'principals=' ~/.ssh/authorized_keys`

## Mend

- If the key is a CA: write `cert-authority,principals="…"`.
- If it is a plain key: ask whoever wrote the line, then remove `principals=` and keep the other options.

## Pitfalls

- Adding `cert-authority` to a plain key makes its owner a CA, who can sign for anybody named in `principals=`.
- A key that expired logs the same INFO line: look for the DEBUG1 line.
- The search goes on behind the line: another line can still let the key in.
"#,
};
