//! `revoked-keys-has-dsa`

use crate::prelude::*;

/// The cause `revoked-keys-has-dsa`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-has-dsa",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "line {line} of {file}, the list of revoked keys, holds an ssh-dss key, which this server cannot read: it refuses every key",
    rule: "{keyword} {value} ({origin}); {build} has no DSA, and a line it cannot read ends the check with an error",
    note: "before OpenSSH 10.0 the same file did no harm",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "remove the ssh-dss lines (the old file stays as {file}.before): this server accepts no DSA key anyhow",
        commands: &[
            "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && sed '/^[[:blank:]]*ssh-dss[[:blank:]]/d' < {file} > \"$T\" && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
        ],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}: {reason}",
    }],
    page: r#"After the upgrade to OpenSSH 10 nobody can log in by key: RevokedKeys holds an ssh-dss line.

## What it means

The list of revoked keys has a DSA key in it. OpenSSH 10.0 and later do not know DSA any more (9.8 and 9.9 only where it was built in), so the line is no key to them.

## Why sshd refuses

A line that sshd cannot read ends the check with an error, and an error means: refused. That holds for every key and every account.

## How to see it

- sshd, LogLevel INFO: `Error checking authentication key ED25519 SHA256:… in revoked keys file /etc/ssh/revoked_keys: …`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n ssh-dss FILE`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i revokedkeys`

## Mend

- Remove the `ssh-dss` lines: `cp -p FILE FILE.before`, then `sed '/^ssh-dss /d' FILE.before > FILE`. DSA keys are refused by this version anyhow.
- Or keep the list as a KRL, made with an OpenSSH that knows DSA.

## Pitfalls

- Look for it before the upgrade: on 9.x the same file is harmless.
- The same line in authorized_keys does no harm; in TrustedUserCAKeys it hides the CAs after it.
- Central lists that servers of several versions share need a KRL.
- Keep a session open while you upgrade.
"#,
};
