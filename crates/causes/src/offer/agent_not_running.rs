//! `agent-not-running`

use crate::prelude::*;

/// The cause `agent-not-running`.
pub static CAUSE: Cause = Cause {
    id: "agent-not-running",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "no agent answers: {reason}",
    rule: "ssh and PuTTY ask the agent that SSH_AUTH_SOCK names, or IdentityAgent in ssh_config, and no other",
    note: "keys in files are offered all the same, those in an agent are not",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "start an agent in this shell, and add the key",
            commands: &["eval \"$(sshwhy agent start)\"", "sshwhy agent add ~/.ssh/id_ed25519"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use the agent that answers: {agent}",
            commands: &["export SSH_AUTH_SOCK={path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The key sits in an agent, and no agent is running where the client looks for one: Could not open a connection to your authentication agent.

## What it means
The client found no agent. Either none was started in this session, or the variable SSH_AUTH_SOCK
that leads to it did not reach this shell: a login by cron, sudo, su, screen or tmux, or an editor
started from the desktop.

## Why sshd refuses
sshd never hears of the key. The client offers what it finds in files, or nothing, and the server
answers `Permission denied (publickey)`.

## How to see it
```
echo \"$SSH_AUTH_SOCK\"
sshwhy agent list
ssh -v alice@server 2>&1 | grep -i agent
```
ssh-add says `Could not open a connection to your authentication agent.` and ends with 2; ssh -v
says `get_agent_identities: ssh_get_authentication_socket: No such file or directory`. PuTTY says
nothing at all; its event log lacks the line `Pageant is running`.

## Mend
- Start one for this shell: `eval \"$(sshwhy agent start)\"`, then add the key.
- Or set the variable to the agent that is running: `sshwhy agent list` finds those at the usual
  places.
- For every shell: a user unit of systemd (`ssh-agent.socket`), or the desktop's keyring.

## Pitfalls
- `ssh-agent` alone starts an agent and prints variables that nobody sets; it needs `eval`.
- `sudo` drops SSH_AUTH_SOCK: `sudo --preserve-env=SSH_AUTH_SOCK`.
- `IdentityAgent none` in ssh_config hides an agent that runs.
- An agent started in each new shell leaves many of them behind, most without a key.
",
};
