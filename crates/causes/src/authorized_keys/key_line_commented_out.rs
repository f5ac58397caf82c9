//! `key-line-commented-out`

use crate::prelude::*;

/// The cause `key-line-commented-out`.
pub static CAUSE: Cause = Cause {
    id: "key-line-commented-out",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key stands on line {line} of {file}, commented out with #",
    rule: "sshd skips lines whose first character is #",
    note: "somebody may have done this on purpose",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "ask whoever keeps {file} whether the key was taken out on purpose; if it was not, they remove the # from line {line}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "with their consent, add the key as a line of its own",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Weakens,
        },
    ],
    log: &[],
    page: r#"The key is in authorized_keys, but its line is commented out with #.

## What it means

The first character of the line, after blanks, is `#`. sshd skips such lines.

## Why sshd refuses

A commented line is no key. Somebody, or a program, took the key out of use and kept it for the record.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "^[[:blank:]]*#" ~/.ssh/authorized_keys`

## Mend

- Ask whoever keeps the file whether the key was meant to go. If it was not, remove the `#`.

## Pitfalls

- Configuration tools and key managers comment lines out to switch a person off: the change will come back.
- `#` in the middle of a line is no comment, and does not switch off what follows.
- The date of the file (`ls -l`) and the log of the tool tell when it happened.
"#,
};
