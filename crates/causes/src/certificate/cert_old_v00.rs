//! `cert-old-v00`

use crate::prelude::*;

/// The cause `cert-old-v00`.
pub static CAUSE: Cause = Cause {
    id: "cert-old-v00",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate is of the old v00 form, which no sshd since OpenSSH 7.0 accepts",
    rule: "certificate types end in -cert-v01@openssh.com",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign the key again with a current ssh-keygen",
        commands: &["ssh-keygen -s CA_KEY -I ID -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "userauth_pubkey: unsupported public key algorithm: {algorithm}",
        },
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: unsupported public key algorithm: {algorithm}",
        },
    ],
    page: r#"ssh-rsa-cert-v00@openssh.com: a certificate in the old form that no current server accepts.

## What it means

Before 2010 certificates had the types `ssh-rsa-cert-v00@openssh.com` and `ssh-dss-cert-v00@openssh.com`. OpenSSH 7.0 dropped them.

## Why sshd refuses

sshd does not know the type, and cannot read the certificate.

## How to see it

- sshd at VERBOSE (OpenSSH 7.9 and later; INFO before): `userauth_pubkey: unsupported public key algorithm: ssh-rsa-cert-v00@openssh.com`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the client: the first word of `KEY-cert.pub`.

## Mend

- Sign the key again with a current ssh-keygen: `ssh-keygen -s CA_KEY -I ID -n NAME -V +52w KEY.pub`.

## Pitfalls

- Scripts with `-t v00` for ssh-keygen make such certificates: remove the option.
- The CA's key can stay, if it is an RSA key of 2048 bits or more.
- A v00 certificate on DSA needs a new key, too.
"#,
};
