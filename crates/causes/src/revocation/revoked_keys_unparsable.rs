//! `revoked-keys-unparsable`

use crate::prelude::*;

/// The cause `revoked-keys-unparsable`.
pub static CAUSE: Cause = Cause {
    id: "revoked-keys-unparsable",
    stage: Stage::Revocation,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of revoked keys, {file}, and refuses the keys it has not found before the bad place",
    rule: "{keyword} {value} ({origin}); found: {reason}; expected: a KRL, or plain public keys, one on each line",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "look at line {line} of {file}: it takes keytype and key, without options; turn it into a plain key or remove it, so that every other key stays revoked",
            commands: &["sed -n {line}p -- {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where the file is a damaged KRL, make it again from the list of revoked keys",
            commands: &["ssh-keygen -k -f {file} REVOKED_KEYS"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "Error checking authentication key {short_type} {other_fingerprint} in revoked keys file {file}",
        },
    ],
    page: r#""Error checking authentication key … in revoked keys file: invalid format": a bad line in RevokedKeys refuses every key.

## What it means

The file must be a KRL, or text with one plain public key on each line. It holds something else: options, a SHA256 fingerprint, text, a Windows empty line (CR), or the KRL is cut off.

## Why sshd refuses

sshd reads until it finds the key or an error. An error means that the key cannot be checked, and so it is refused.

## How to see it

- sshd, LogLevel INFO: `Error checking authentication key ED25519 SHA256:… in revoked keys file /etc/ssh/revoked_keys: invalid format` (a cut KRL: `incomplete message`)
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `cat -A FILE`; `ssh-keygen -Q -l -f FILE` prints a KRL and its fault.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i revokedkeys`

## Mend

- Turn the line into `keytype key`, or remove it, with an eye that every key stays revoked.
- Make a damaged KRL again: `ssh-keygen -k -f NEW LIST`, then `mv NEW FILE`.

## Pitfalls

- Lines copied from authorized_keys with `from=` or `command=` before the key are the usual case.
- For fingerprints there is a way: `sha256: SHA256:…` in the input of `ssh-keygen -k`, which makes a KRL.
- RSA keys under 1024 bits in the list do no harm from 7.9 on.
- Emptying the file lets revoked keys in again.
"#,
};
