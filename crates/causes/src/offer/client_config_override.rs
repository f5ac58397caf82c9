//! `client-config-override`

use crate::prelude::*;

/// The cause `client-config-override`.
pub static CAUSE: Cause = Cause {
    id: "client-config-override",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "{path} sets {keyword} for {host}: {value}",
    rule: "of each keyword of ssh_config the first value that fits counts",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "edit that line of {path}, or say otherwise on the command line",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "A line of ssh_config for this host sets another user, key, port or host name than the one that was meant.

## What it means
A `Host *` block, an Include or /etc/ssh/ssh_config names something that the command line did not.

## Why sshd refuses
It does what it is asked to: for another user, with another key, or at another port.

## How to see it
```
ssh -G alice@server | grep -i -e '^user ' -e '^hostname ' -e '^port ' -e identit
```

## Mend
- Put the special Host block above `Host *`: the first value wins.
- What the command line says goes before all files.

## Pitfalls
- IdentityFile adds up: every file named is tried, in order.
- A connection that is shared (ControlMaster) asks for no key again.
",
};
