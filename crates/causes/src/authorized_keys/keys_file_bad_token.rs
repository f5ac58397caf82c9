//! `keys-file-bad-token`

use crate::prelude::*;

/// The cause `keys-file-bad-token`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-bad-token",
    stage: Stage::AuthorizedKeys,
    seen: Seen::Disconnected,
    title: "{keyword} holds {token}, which sshd cannot expand: the connection ends there",
    rule: "{keyword} {value} ({origin}); found {token}, which is none of its tokens",
    note: "sshd -t and sshd -T accept the line; it fails at the login",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, replace {token} by a token that sshd knows (%h home, %u name, %U uid, %% a percent sign), then check and reload",
        commands: &["sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "vdollar_percent_expand: unknown key {token}",
        },
        LogLine {
            level: Level::Info,
            text: "vdollar_percent_expand: invalid format",
        },
        LogLine {
            level: Level::Info,
            text: "percent_expand: failed",
        },
        LogLine {
            level: Level::Info,
            text: "percent_expand: unknown key {token}",
        },
    ],
    page: r#""percent_expand: unknown key %z": AuthorizedKeysFile holds a token that sshd does not know, and the connection is closed.

## What it means

A percent sign stands before a letter that has no meaning here. Known are `%h` (home), `%u` (name), `%U` (uid, OpenSSH 7.8 and later) and `%%` (a percent sign).

## Why sshd refuses

The tokens are expanded at the login. An unknown one is a fatal error, and sshd ends the connection for every account that reaches this line.

## How to see it

- sshd, LogLevel INFO: `vdollar_percent_expand: unknown key %z`, then `percent_expand: failed`; older ones: `percent_expand: unknown key %z`
- Client: `Connection closed by ADDRESS port 22` right after the key is offered; PuTTY: `Remote side unexpectedly closed network connection`.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeysfile` prints the value with the token still in it.

## Mend

- Replace the token, or write `%%` for a plain percent sign.
- `sshd -t`, then reload.

## Pitfalls

- `sshd -t` and `sshd -T` accept the line: only a login shows the error.
- ssh_config knows more tokens (`%d`, `%r`, `%n` …) than this keyword does.
- `%U` on OpenSSH before 7.8 ends the same way.
- Keep a session open while you mend it: password logins work as long as no key is offered.
"#,
};
