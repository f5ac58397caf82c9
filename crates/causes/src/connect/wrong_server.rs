//! `wrong-server`

use crate::prelude::*;

/// The cause `wrong-server`.
pub static CAUSE: Cause = Cause {
    id: "wrong-server",
    stage: Stage::Transport,
    seen: Seen::QueryRefused,
    title: "the server that answers at {host} is not the one that holds this account: {found}",
    rule: "a key is listed on one server; another one that answers at the same name or port knows nothing of it",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "compare the host key's fingerprint with the one that the administrator names, and check name and port",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "Another SSH server answers than the one that was meant: a container's, a forge's, a router's, or that of another machine.

## What it means
The name, the port or a forwarded port leads to an sshd that has other accounts and other keys.

## Why sshd refuses
The key and the user name belong elsewhere. To this server they are unknown.

## How to see it
```
ssh-keyscan server | ssh-keygen -lf -
ssh -v alice@server 2>&1 | grep -e 'remote software' -e 'Server host key'
```
Compare both with what the server itself says: `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`.

## Mend
- Gitea, GitLab and Gerrit run their own server on another port: `ssh://git@host:10022/`.
- Behind a router, the forwarded port decides which machine answers.

## Pitfalls
- A new installation of the same machine has new host keys, too: that is host-key-changed.
- A cluster may answer with any of its nodes.
",
};
