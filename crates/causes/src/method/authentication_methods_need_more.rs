//! `authentication-methods-need-more`

use crate::prelude::*;

/// The cause `authentication-methods-need-more`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-need-more",
    stage: Stage::Method,
    seen: Seen::PartialSuccess,
    title: "the key of {user} is accepted, and AuthenticationMethods asks for more",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "partial success: the key did its part; still asked for: {expected}",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "go on with what the server still asks for; a client in batch mode cannot",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether the key alone is enough for {user}; it takes the second factor away",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "Partial publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Info,
            text: "refusing previously-used {keytype} key",
        },
        LogLine {
            level: Level::Info,
            text: "Pubkey auth succeeded for '{user}' with {keytype} key {fingerprint} from {from}, extra auth required",
        },
    ],
    page: r#"The key was accepted, and the server asks for a further method ("Authenticated with partial success").

## What it means
AuthenticationMethods wants several methods for this user. The key was one of them; the login is
not complete.

## Why sshd refuses
It does not refuse the key. It answers "failure, with partial success" and names what is still
needed.

## How to see it
```
Authenticated using "publickey" with partial success.
debug1: Authentications that can continue: password
```
PuTTY: `Further authentication required`. sshd logs at VERBOSE:
```
Partial publickey for alice from 198.51.100.7 port 40000 ssh2: ED25519 SHA256:...
```
On the server:
```
/usr/sbin/sshd -T -C user=alice,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i authenticationmethods
```

## Mend
- Give the second factor: a password, a code, a second key.
- Jobs without a person need a list of their own, such as publickey alone from one address; ask
  the administrator.

## Pitfalls
- `publickey,publickey` wants two different keys; the same one again logs
  `refusing previously-used ED25519 key`.
- BatchMode and PuTTY's -batch cannot answer prompts: they end with `Permission denied`.
- `keyboard-interactive` has to be named as such; a password prompt of PAM is not `password`.
- Dropbear has -t for key and password together.
"#,
};
