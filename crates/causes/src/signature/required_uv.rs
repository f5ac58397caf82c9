//! `required-uv`

use crate::prelude::*;

/// The cause `required-uv`.
pub static CAUSE: Cause = Cause {
    id: "required-uv",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the security key did not verify its owner by PIN or finger, and the server asks for that",
    rule: "{reason} ({origin}); the signature says that the owner was not verified",
    note: "the key itself is accepted",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a key that asks for its PIN, and have its public half listed",
            commands: &["ssh-keygen -t ed25519-sk -O verify-required"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "take verify-required away at {origin}: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user verification requirement not met " },
        LogLine { level: Level::Info, text: "public key {keytype} signature for {user} from {from} port {port} rejected: user verification requirement not met " },
        LogLine { level: Level::Info, text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user verification requirement not met" },
    ],
    page: "The server wants the security key to verify its owner by PIN or fingerprint, and this signature came without.

## What it means
A FIDO key notes in each signature whether it verified its owner. Here it did not, and the server
requires it.

## Why sshd refuses
`verify-required` stands on the key's line in authorized_keys, or
`PubkeyAuthOptions verify-required` in sshd_config.

## How to see it
PuTTY: `Server refused public-key signature despite accepting key!` (with forks that know such
keys). OpenSSH shows `Server accepts key`, and then the next method. sshd logs:
```
public key ED25519-SK SHA256:... signature for alice from 198.51.100.7 port 40000 rejected: user verification requirement not met
```
The settings:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i pubkeyauthoptions
grep -n verify-required ~alice/.ssh/authorized_keys
```

## Mend
- Make a key that asks for its PIN: `ssh-keygen -t ed25519-sk -O verify-required`, and list it.
- Ask the administrator before taking the requirement away.

## Pitfalls
- Whether the key asks for the PIN is fixed when it is made; the private key file carries it.
- A fingerprint reader on the key verifies like a PIN does.
- Needs 8.4 or later on the server; older ones take the word as an unknown option and skip the
  line.
- A touch is not a verification.
",
};
