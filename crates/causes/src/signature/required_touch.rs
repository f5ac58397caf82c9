//! `required-touch`

use crate::prelude::*;

/// The cause `required-touch`.
pub static CAUSE: Cause = Cause {
    id: "required-touch",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "the security key was not touched for this signature, and the server asks for a touch",
    rule: "{reason} ({origin}); the signature says that nobody touched the key",
    note: "the key itself is accepted",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "touch the key when it blinks; if it never asks, it was made with no-touch-required: make another",
            commands: &["ssh-keygen -t ed25519-sk"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "let this one key sign without a touch, with no-touch-required before it in {file}, line {line}: whoever reaches the plugged-in key can then use it",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine { level: Level::Info, text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met " },
        LogLine { level: Level::Info, text: "public key {keytype} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met " },
        LogLine { level: Level::Info, text: "public key {keytype} {fingerprint} signature for {user} from {from} port {port} rejected: user presence (authenticator touch) requirement not met" },
    ],
    page: "The server wants the security key to be touched for each login, and this signature came without a touch.

## What it means
A FIDO key (`sk-` type) notes in each signature whether somebody touched it. Here nobody did, and
a touch is required.

## Why sshd refuses
A touch is required unless the key's line has `no-touch-required`;
`PubkeyAuthOptions touch-required` asks for it in any case.

## How to see it
PuTTY: `Server refused public-key signature despite accepting key!` (with forks that know such
keys). OpenSSH shows `Server accepts key`, and then the next method. sshd logs:
```
public key ED25519-SK SHA256:... signature for alice from 198.51.100.7 port 40000 rejected: user presence (authenticator touch) requirement not met
```
The settings:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i pubkeyauthoptions
grep -n no-touch-required ~alice/.ssh/authorized_keys
```

## Mend
- Touch the key when it blinks.
- A key that was made with `-O no-touch-required` never asks: make one without that option.
- Or permit this key to sign untouched, on its line, where jobs without a person need it. It is
  weaker.

## Pitfalls
- `no-touch-required` on the line does not help against `PubkeyAuthOptions touch-required`.
- A certificate needs the extension no-touch-required as well as the line of the CA.
- `no-touch-required` needs OpenSSH 8.2 or later; on older servers it makes the whole line dead.
",
};
