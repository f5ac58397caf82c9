//! `host-key-changed`

use crate::prelude::*;

/// The cause `host-key-changed`.
pub static CAUSE: Cause = Cause {
    id: "host-key-changed",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "the host key of {host} is {fingerprint}, and {path} knows another: {expected}",
    rule: "a client ends the connection when a known host shows another key: somebody may stand between",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "ask the administrator for the host key's fingerprint and compare it with {fingerprint}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "if it is the right one, remove the old one and connect again",
            commands: &["ssh-keygen -R {host}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! The client stopped before it offered any key.

## What it means
The server shows a host key that is not the one remembered. It was installed anew, the name leads to
another machine, or somebody reads along.

## Why sshd refuses
It does not; the client refuses to go on. Nothing about the user's key was said.

## How to see it
OpenSSH: `WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!` and `Host key verification failed.`
PuTTY: `WARNING - POTENTIAL SECURITY BREACH!`. The line that is remembered:
```
ssh-keygen -F server
```

## Mend
- Ask for the fingerprint on another way than this connection (telephone, console, web page).
- Then `ssh-keygen -R server`; in PuTTY the dialogue offers to accept the new key.

## Pitfalls
- Do not remove the old key without the comparison: that is what the warning is for.
- A server may have several keys; a client that now prefers another type sees a new key, not a
  changed one.
",
};
