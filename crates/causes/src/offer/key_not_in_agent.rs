//! `key-not-in-agent`

use crate::prelude::*;

/// The cause `key-not-in-agent`.
pub static CAUSE: Cause = Cause {
    id: "key-not-in-agent",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the agent at {path} does not hold {fingerprint}",
    rule: "an agent offers and signs with the keys that were added to it, and with no other",
    note: "it holds {count} other keys",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "add the key to this agent",
            commands: &["sshwhy agent add -- {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or use the agent that holds it: {agent}",
            commands: &["export SSH_AUTH_SOCK={other}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "An agent runs and answers, and the key in question is not in it: The agent has no identities, or others.

## What it means
The key was never added to this agent, was added to another one, its lifetime has ended, or the
agent was restarted. A `.pub` file given with -i chooses a key of the agent; without that key there
nothing can sign.

## Why sshd refuses
sshd never hears of the key. Other keys of the agent are offered instead, and are refused.

## How to see it
```
sshwhy agent list
ssh-add -l
ssh-keygen -lf ~/.ssh/id_ed25519.pub
```
plink says `Configured key file not in Pageant`; ssh -v shows no `Offering public key` with this
fingerprint.

## Mend
- `sshwhy agent add FILE` or `ssh-add FILE`.
- `AddKeysToAgent yes` in ssh_config adds a key when it is first used.

## Pitfalls
- Several agents on one machine (GNOME, GnuPG, systemd, 1Password): SSH_AUTH_SOCK decides, and it is
  not the same in each window.
- macOS forgets keys at a reboot unless they were added with `--apple-use-keychain`.
- Pageant reads PPK files only; ssh-add reads no PPK.
",
};
