//! `agent-socket-stale`

use crate::prelude::*;

/// The cause `agent-socket-stale`.
pub static CAUSE: Cause = Cause {
    id: "agent-socket-stale",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the agent that {origin} leads to has ended: nobody listens at {path}",
    rule: "a socket outlives the agent that made it; connecting to it gives \"Connection refused\"",
    note: "the keys it held are gone with it; their files are not",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "start an agent in this shell, and add the key again",
            commands: &["eval \"$(sshwhy agent start)\"", "sshwhy agent add ~/.ssh/id_ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use the agent that answers: {agent}",
            commands: &["export SSH_AUTH_SOCK={other}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "SSH_AUTH_SOCK names a socket at which no agent listens any more: Error connecting to agent: Connection refused.

## What it means
The agent has ended (a logout, a kill, a reboot with a kept variable), and its socket was left
behind. A shell in tmux or screen keeps the variable of the login that started it.

## Why sshd refuses
sshd never hears of the key: the client cannot ask the agent, and offers what it finds in files.

## How to see it
```
sshwhy agent list
ssh-add -l
```
ssh-add says `Error connecting to agent: Connection refused` and ends with 2; a socket that is gone
altogether gives `No such file or directory` instead.

## Mend
- Start an agent, or set SSH_AUTH_SOCK to one that answers (`sshwhy agent list` finds it).
- In tmux: `tmux set-environment -g SSH_AUTH_SOCK \"$SSH_AUTH_SOCK\"` from a fresh login, then a new
  window.

## Pitfalls
- After a new `ssh -A` login, the old windows of tmux still hold the old path.
- `rm` of the socket does not bring the agent back, and the variable still names it.
",
};
