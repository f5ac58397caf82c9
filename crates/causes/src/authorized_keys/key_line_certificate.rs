//! `key-line-certificate`

use crate::prelude::*;

/// The cause `key-line-certificate`.
pub static CAUSE: Cause = Cause {
    id: "key-line-certificate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} holds a certificate: sshd takes plain keys and CA keys there, no certificates",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "even the client that owns this very certificate is refused",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the plain public key that the certificate is for",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the plain public key that the certificate is for, as a line of its own",
            commands: &["printf '\\n%s\\n' {line_to_add} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "in {file}, put the line of the .pub file without -cert in its name in the place of line {line}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator to trust the CA that signed it: TrustedUserCAKeys, or a line with cert-authority and the CA's own key",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A certificate (ssh-…-cert-v01@openssh.com) was put into authorized_keys.

## What it means

The line holds the content of a `KEY-cert.pub` file. Certificates are shown by the client at each login; they are not stored on the server.

## Why sshd refuses

sshd looks for plain keys there, and for CA keys on lines with `cert-authority`. A certificate is neither, so the line is skipped, even for the client that owns it.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "cert-v01@openssh.com" ~/.ssh/authorized_keys`; `ssh-keygen -L -f FILE` shows what it says.

## Mend

- Put the plain `KEY.pub` line there instead.
- Or trust the CA: `TrustedUserCAKeys FILE` in sshd_config, or `cert-authority ssh-ed25519 AAAA…` with the CA's own key. That lets in everyone whom the CA signs for.

## Pitfalls

- Removing `-cert-v01@openssh.com` from the keytype does not help: the blob behind it is still a certificate.
- The CA's key is in the certificate, but not in a form to copy: ask the authority for its public key.
- Dropbear knows no certificates at all.
"#,
};
