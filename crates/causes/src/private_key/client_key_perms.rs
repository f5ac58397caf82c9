//! `client-key-perms`

use crate::prelude::*;

/// The cause `client-key-perms`.
pub static CAUSE: Cause = Cause {
    id: "client-key-perms",
    stage: Stage::PrivateKey,
    seen: Seen::NotOnTheWire,
    title: "ssh ignores {path}: others may read it (mode {mode})",
    rule: "OpenSSH takes no private key of the user's own whose mode lets group or others in",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "take the rights of the others away",
            commands: &["chmod 600 -- {path}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "WARNING: UNPROTECTED PRIVATE KEY FILE! Permissions 0644 for the key are too open, and the key is ignored.

## What it means
The mode of the private key lets others read it. OpenSSH does not load such a key; a .pub beside it
may already have been offered, and accepted.

## Why sshd refuses
It waits for a signature that never comes, or never hears of the key.

## How to see it
`Permissions 0644 for '/home/alice/.ssh/id_ed25519' are too open.`, `This private key will be ignored.`,
`Load key \"/home/alice/.ssh/id_ed25519\": bad permissions`
```
ls -l ~/.ssh/id_ed25519
```

## Mend
- `chmod 600 ~/.ssh/id_ed25519`, as the owner.
- On Windows: Properties > Security > Advanced: disable inheritance, leave yourself alone.

## Pitfalls
- On /mnt/c in WSL, on FAT and on many network drives chmod has no effect: copy the key to ~/.ssh.
- PuTTY does not look at the mode.
",
};
