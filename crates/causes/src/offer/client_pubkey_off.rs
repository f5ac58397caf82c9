//! `client-pubkey-off`

use crate::prelude::*;

/// The cause `client-pubkey-off`.
pub static CAUSE: Cause = Cause {
    id: "client-pubkey-off",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "this client does not use keys: {keyword} {value} ({origin})",
    rule: "a client whose PubkeyAuthentication is off, or whose PreferredAuthentications leave publickey out, offers none",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "take that line out, or for one login: ssh -o PubkeyAuthentication=yes -o PreferredAuthentications=publickey",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The client is told not to use public keys: PubkeyAuthentication no, or PreferredAuthentications without publickey.

## What it means
The server offers publickey, and the client never tries it.

## Why sshd refuses
It was not asked.

## How to see it
```
ssh -G alice@server | grep -i -e pubkeyauthentication -e preferredauth -e batchmode
```
`ssh -v` shows `Authentications that can continue: publickey` and no `Next authentication method: publickey`.

## Mend
- Remove the setting from ~/.ssh/config or /etc/ssh/ssh_config.

## Pitfalls
- PuTTY has no such switch, but `Bypass authentication entirely` (SshNoAuth) has that effect.
- An alias of ssh in the shell may carry -o options.
",
};
