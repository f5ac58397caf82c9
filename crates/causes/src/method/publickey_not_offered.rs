//! `publickey-not-offered`

use crate::prelude::*;

/// The cause `publickey-not-offered`.
pub static CAUSE: Cause = Cause {
    id: "publickey-not-offered",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "the server offers no publickey to {user}; it says: {methods}",
    rule: "a client tries the methods that the server names, and publickey is not among them",
    note: "which of the settings does it the server tells nobody outside",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "ask the administrator why publickey is not offered to {user} from this address",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The server does not offer public keys to this user: No supported authentication methods available (server sent: password), Permission denied (password).

## What it means
In its list of methods that can continue the server leaves publickey out. No key was offered, so
none was refused.

## Why sshd refuses
PubkeyAuthentication is off for this user or address, AuthenticationMethods asks for something else,
or another method has to come first.

## How to see it
`ssh -v` shows `Authentications that can continue: password`; PuTTY ends with `No supported authentication
methods available (server sent: )` and has no line `Offered public key`.
```
sudo sshd -T -C user=alice,host=client,addr=192.0.2.9 | grep -i -e pubkeyauth -e authenticationmethods
```

## Mend
- On the server: `sudo sshwhy audit --user alice` names the setting and its line.

## Pitfalls
- A drop-in in /etc/ssh/sshd_config.d wins over what stands below it in sshd_config.
- MaxAuthTries 0 and servers of devices that know passwords alone look the same.
",
};
