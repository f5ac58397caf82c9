//! `key-lines-glued`

use crate::prelude::*;

/// The cause `key-lines-glued`.
pub static CAUSE: Cause = Cause {
    id: "key-lines-glued",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds two keys, one behind the other: sshd reads the first at most",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "a file whose last line has no line feed, and >> afterwards, make such a line",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "on line {line} of {file}, put a line break where the second entry starts: before its options, or before its keytype where it has none",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"Two public keys stand on one line of authorized_keys: the last line had no line feed when the next was added.

## What it means

`echo KEY >> authorized_keys` or `cat KEY.pub >> authorized_keys` went behind a line without an end. The second key now hangs on the first.

## Why sshd refuses

One line is one key. What follows the first key is its comment, or it spoils the first key when no blank stands between. The second key is never seen.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "[^ ]ssh-\| ssh-.* ssh-" ~/.ssh/authorized_keys`, and `ssh-keygen -lf ~/.ssh/authorized_keys` counts one key fewer.

## Mend

- Put a line break before the second keytype.
- To add keys in future: `printf '\n%s\n' "$(cat KEY.pub)" >> ~/.ssh/authorized_keys`; empty lines do no harm.

## Pitfalls

- If the first key has options before it, they do not hold for the second: check what the second may do once it stands alone.
- Where the first comment is glued to the second keytype (`me@hostssh-ed25519`) the first key still works, which hides the mistake.
- Web forms and cloud metadata often deliver keys without a line feed.
- Dropbear skips such a line too, without a log line.
"#,
};
