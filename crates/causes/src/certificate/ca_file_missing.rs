//! `ca-file-missing`

use crate::prelude::*;

/// The cause `ca-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-missing",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "sshd cannot read the list of trusted CAs, {file}: {reason}",
    rule: "{keyword} {value} ({origin}); sshd reads it as root",
    note: "no certificate is accepted by way of that file while it is away",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "put the CA's public key back into {file}, or correct the path at {origin}, then check and reload",
        commands: &["ls -ld -- {file}", "sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Debug2,
        text: "CA {ca_type} {ca_fingerprint} is not listed in {file}: {reason}",
    }],
    page: r#"The TrustedUserCAKeys file is not there, so no SSH certificate is accepted.

## What it means

sshd_config names a file of CA keys, and sshd cannot open it: it was moved, misspelt, or lies on a volume that is not mounted.

## Why sshd refuses

Without the file no CA is trusted by way of TrustedUserCAKeys. sshd goes on and refuses each certificate, unless authorized_keys trusts its CA.

## How to see it

- sshd at DEBUG2: `CA ED25519 SHA256:… is not listed in /etc/ssh/ca.pub: No such file or directory`
- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i trustedusercakeys`, and `ls -l` on that path.

## Mend

- Put the CA's public key back, one line, or correct the path; `sshd -t`, then reload.
- The file is read at each login: no reload is needed for its content.

## Pitfalls

- `sshd -t` does not look whether the file exists.
- sshd reads it as root, and does not check its mode: keep it writable by root alone yourself.
- Plain keys in authorized_keys work on, which hides the mistake.
- A relative path counts from sshd's own directory, not from /etc/ssh: write it in full.
"#,
};
