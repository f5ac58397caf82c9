//! `client-agent-refused`

use crate::prelude::*;

/// The cause `client-agent-refused`.
pub static CAUSE: Cause = Cause {
    id: "client-agent-refused",
    stage: Stage::Signature,
    seen: Seen::NotOnTheWire,
    title: "the agent at {path} does not sign with {fingerprint}: {reason}",
    rule: "an agent says no and gives no reason",
    note: "the public key is accepted, and the login still fails for want of a signature",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "see what the agent waits for: a touch, a confirmation, a passphrase window behind the others",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or take the agent out of the way and sign from the file: ssh -o IdentityAgent=none -o IdentitiesOnly=yes -i the private file",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The agent has the key and refuses to sign with it: sign_and_send_pubkey: signing failed: agent refused operation.

## What it means
The server said yes to the public key, and the agent did not make the signature. It asked somebody
who did not answer (confirmation, PIN, touch, passphrase), the key is constrained, the token is not
plugged in, or the agent cannot use this kind of key.

## Why sshd refuses
It gets no signature. The client goes on to the next key or method.

## How to see it
```
sshwhy agent test
ssh -v alice@server
```
ssh says `sign_and_send_pubkey: signing failed for ED25519 \"alice\" from agent: agent refused
operation`, after `Server accepts key`. plink says `Pageant failed to respond with a signature`.

## Mend
- gpg-agent: it has lost its terminal. `export GPG_TTY=\"$(tty)\"` and
  `gpg-connect-agent updatestartuptty /bye`.
- ssh-add -c: without a display there is nobody to ask; set SSH_ASKPASS and
  SSH_ASKPASS_REQUIRE=force.
- Security keys: touch them; `ssh-add -K` after plugging in again.
- GNOME Keyring before 2018 cannot use Ed25519 keys: use ssh-agent.

## Pitfalls
- The window for a passphrase may open on another screen, or on the machine the agent runs on.
- A key file with mode 0644 beside the agent is not the reason: agents read no files later.
",
};
