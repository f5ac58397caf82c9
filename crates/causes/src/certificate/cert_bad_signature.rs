//! `cert-bad-signature`

use crate::prelude::*;

/// The cause `cert-bad-signature`.
pub static CAUSE: Cause = Cause {
    id: "cert-bad-signature",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate cannot be read or its CA signature is wrong: {reason}",
    rule: "sshd checks the CA's signature before it looks at anything else in the certificate",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "look at the file; it was changed or cut on its way",
            commands: &["ssh-keygen -L -f KEY-cert.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "sign the certificate again",
            commands: &["ssh-keygen -s CA_KEY -I ID -n {user} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: parse key: {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "parse key: {reason}",
        },
    ],
    page: r#""parse key" error for a certificate: it is damaged, or the CA's signature on it is wrong.

## What it means

The certificate cannot be read to its end, or its signature does not fit its content. It was cut, edited or put together by a faulty program.

## Why sshd refuses

sshd checks the CA's signature as soon as it reads the certificate, before it looks at CA, principals or time.

## How to see it

- sshd, LogLevel INFO: `userauth_pubkey: parse key: incorrect signature`, or another reason in its place
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA. It fails on a certificate that is damaged.

## Mend

- Fetch the certificate file again, as a file.
- If it fails everywhere, have it signed again.

## Pitfalls

- A certificate file is one line, like a `.pub` file: a line break in it is enough.
- No field can be changed after the signature, the comment at the end of the line can.
- A CA whose RSA key is shorter than 1024 bits fails here too.
"#,
};
