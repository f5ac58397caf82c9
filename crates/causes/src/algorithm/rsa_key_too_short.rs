//! `rsa-key-too-short`

use crate::prelude::*;

/// The cause `rsa-key-too-short`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-too-short",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "the RSA key is shorter than this server's RequiredRSASize",
    rule: "RequiredRSASize {minimum} ({origin}); the key has {bits} bits",
    note: "the line in authorized_keys may be fine; the key's length alone decides",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "make a new key and have its public half listed for {user}",
            commands: &["ssh-keygen -t ed25519"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "lower RequiredRSASize at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "refusing RSA key: Invalid key length",
    }],
    page: r#"The RSA key is shorter than this server's RequiredRSASize ("refusing RSA key: Invalid key length").

## What it means
Since 9.1 sshd has a smallest length for RSA keys: 1024 bits by default, 2048 on RHEL 9, more in
FIPS mode or by the administrator's choice.

## Why sshd refuses
After reading the key, sshd compares its length with RequiredRSASize and stops there.
authorized_keys is not looked at. RSA keys inside certificates count the same.

## How to see it
```
refusing RSA key: Invalid key length [preauth]
```
Compare the two numbers:
```
ssh-keygen -lf ~/.ssh/id_rsa.pub
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i requiredrsasize
```
The client reads `Permission denied (publickey)`; PuTTY: `Server refused our key`.

## Mend
- Make a new key: `ssh-keygen -t ed25519`, or `ssh-keygen -t rsa -b 3072` where RSA it has to be.
- List it before you remove the old one.

## Pitfalls
- OpenSSH clients have the same keyword and may leave the key out on their own: then nothing is
  refused on the wire.
- A key "of 2048 bits" from an old generator can have 2047; `ssh-keygen -lf` shows the true
  length.
- On RHEL the crypto policy sets the number.
- Lowering the number lets in every short key of every account.
"#,
};
