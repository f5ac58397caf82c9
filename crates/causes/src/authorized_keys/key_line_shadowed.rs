//! `key-line-shadowed`

use crate::prelude::*;

/// The cause `key-line-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "key-line-shadowed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Nothing,
    title: "line {line} of {file} has no effect: the same key stands before it on line {other_line}, with options of its own",
    rule: "the first line that lets the key in wins, and its options apply",
    note: "the login works; it is what it may do afterwards that surprises",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever wrote line {other_line} whether its options are meant; then keep one line for the key",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Verbose,
        text: "Accepted key {short_type} {fingerprint} found at {file}:{other_line}",
    }],
    page: r#"The key stands in authorized_keys twice, and the options of the first line win.

## What it means

An earlier line lets the same key in, with options such as `command=` or `restrict`. The later line, without them, has no effect.

## Why sshd refuses

Nothing is refused. sshd takes the first line whose key and options accept the login, and applies the options of that line.

## How to see it

- sshd at VERBOSE: `Accepted key ED25519 SHA256:… found at …/authorized_keys:N` names the line that won.
- Client: the login works, and then runs another command, has no terminal, or cannot forward ports.
- On the server: `ssh-keygen -lf ~/.ssh/authorized_keys | sort | uniq -d` shows doubled keys with equal comments.

## Mend

- Ask whoever wrote the first line whether its options are meant; keep one line for the key.

## Pitfalls

- A line refused by `from=` or `expiry-time=` does not win: sshd goes on to the next.
- Several files count as one list, in the order of AuthorizedKeysFile.
- Removing the restricted line gives the key full access: that is the administrator's decision.
"#,
};
