//! `agent-forwarding-gone`

use crate::prelude::*;

/// The cause `agent-forwarding-gone`.
pub static CAUSE: Cause = Cause {
    id: "agent-forwarding-gone",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the forwarded agent is gone: the login that carried it has ended, and {path} leads nowhere",
    rule: "sshd makes the socket of a forwarded agent for one login, and takes it away with that login",
    note: "the agent on your own machine may be well",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in again with forwarding, and use the variable of that login",
            commands: &["ssh -A {target}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or go through this host instead of from it: ssh -J, which needs no agent here",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "A forwarded agent (ssh -A) is gone: SSH_AUTH_SOCK names /tmp/ssh-XXXX/agent.N of a login that has ended.

## What it means
The path is one that sshd made for a login with agent forwarding. That login ended or was cut, or
this shell (tmux, screen, a job) outlived it.

## Why sshd refuses
The next server never hears of the key: the client on this host has no agent to ask.

## How to see it
```
echo \"$SSH_AUTH_SOCK\"
sshwhy agent list
```
ssh-add says `Could not open a connection to your authentication agent.` or
`Error connecting to agent: No such file or directory`.

## Mend
- Log in again with `ssh -A`, and in tmux take the new variable over.
- Better: `ssh -J this-host next-host` from your own machine. The agent then stays there.

## Pitfalls
- `AllowAgentForwarding no` on this host, or `no-agent-forwarding` and `restrict` on the key's line,
  make no socket at all, and ssh -A says nothing of it.
- Whoever is root on this host can use a forwarded agent while the login lasts.
",
};
