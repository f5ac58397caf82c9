//! `root-login-forced-commands-only`

use crate::prelude::*;

/// The cause `root-login-forced-commands-only`.
pub static CAUSE: Cause = Cause {
    id: "root-login-forced-commands-only",
    stage: Stage::Signature,
    seen: Seen::SessionEnds,
    title: "PermitRootLogin lets uid 0 in only with a forced command on its key, and this key has none",
    rule: "PermitRootLogin forced-commands-only ({origin}); neither the key's line nor its certificate has a command",
    note: r#"the client reads "Authenticated" and is cut off at once; ForceCommand of sshd_config does not count here"#,
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: r#"give the key's line in {file} the command it is for: command="/the/program" before the key type"#,
            commands: &[],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as an ordinary account and become root there",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let root use keys for any command with PermitRootLogin prohibit-password at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "ROOT LOGIN REFUSED FROM {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "Root login accepted for forced command.",
        },
        LogLine {
            level: Level::Info,
            text: "monitor_read: unsupported request: {found}",
        },
        LogLine {
            level: Level::Info,
            text: "unsupported request: {found}",
        },
    ],
    page: r#"PermitRootLogin forced-commands-only lets root in only with keys that carry a command of their own.

## What it means
The key is listed without `command=`, so root has no command to be held to. The client reads that
it is logged in and is cut off at once.

## Why sshd refuses
The unprivileged part announces success, and the monitor, which has the last word, refuses and
ends the connection.

## How to see it
```
Authenticated to server ([203.0.113.5]:22) using "publickey".
client_loop: send disconnect: Broken pipe
```
PuTTY: `Access granted`, then `Remote side unexpectedly closed network connection`. sshd logs:
```
ROOT LOGIN REFUSED FROM 198.51.100.7 port 40000
Root login accepted for forced command. [preauth]
monitor_read: unsupported request: 26
```

## Mend
- Put the command before the key: `command="/usr/local/bin/backup" ssh-ed25519 AAAA...`.
- For a shell, log in as an ordinary account and use su or sudo.

## Pitfalls
- `ForceCommand` in sshd_config does not count; it has to be the key's line or the certificate's
  force-command.
- The two lines for one login contradict each other; the refusal is the one that holds.
- It goes for every account with uid 0, whatever its name.
- Dropbear has no such mode: -w refuses root, all else lets it in.
"#,
};
