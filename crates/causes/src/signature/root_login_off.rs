//! `root-login-off`

use crate::prelude::*;

/// The cause `root-login-off`.
pub static CAUSE: Cause = Cause {
    id: "root-login-off",
    stage: Stage::Signature,
    seen: Seen::SignatureRefused,
    title: "PermitRootLogin is off: uid 0 is refused although the key is accepted",
    rule: "PermitRootLogin no ({origin})",
    note: "sshd still answers the key's query with yes and refuses only the signature; {user} has uid 0",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as an ordinary account and become root there with su or sudo",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "let root in with keys alone, PermitRootLogin prohibit-password at {origin}, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "ROOT LOGIN REFUSED FROM {from} port {port}",
        },
        LogLine {
            level: Level::Other,
            text: "root login rejected",
        },
    ],
    page: r#"PermitRootLogin no: the server accepts root's key at first and refuses its signature ("ROOT LOGIN REFUSED").

## What it means
Direct logins of root are switched off. The key is listed and in order; that does not matter.

## Why sshd refuses
The rule is asked only after the signature. Until then sshd treats root like everybody, so that
the answer to a query does not give the rule away.

## How to see it
```
debug1: Server accepts key: /root/.ssh/id_ed25519 ED25519 SHA256:...
root@server: Permission denied (publickey).
```
PuTTY: `Server refused public-key signature despite accepting key!` sshd logs:
```
ROOT LOGIN REFUSED FROM 198.51.100.7 port 40000
```
The value in force:
```
/usr/sbin/sshd -T -C user=root,host=198.51.100.7,addr=198.51.100.7,laddr=203.0.113.5,lport=22 | grep -i permitrootlogin
```

## Mend
- Log in as an ordinary account and become root there.
- Or ask the administrator for `PermitRootLogin prohibit-password`: keys yes, passwords no. Reload
  afterwards.

## Pitfalls
- Each account with uid 0 is root, whatever its name.
- `without-password` is the old spelling of `prohibit-password`; `sshd -T` prints it up to 10.0.
- A Match block (by address) can let root in from one network alone.
- Installers and hardening scripts set `no`; the line in sshd_config.d counts.
- Dropbear: `root login rejected` with its option -w.
"#,
};
