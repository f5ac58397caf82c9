//! `client-cert-skipped`

use crate::prelude::*;

/// The cause `client-cert-skipped`.
pub static CAUSE: Cause = Cause {
    id: "client-cert-skipped",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "the certificate {path} is not offered: {reason}",
    rule: "a client offers a certificate only beside the key that it certifies",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "give the certificate that was made for this key, or make a new one",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "The client passes over the certificate, and offers the plain key alone.

## What it means
The certificate's file is not beside the key, is of another key, or is of a form that the client
does not know.

## Why sshd refuses
It trusts the CA and not the plain key: without the certificate the key is unknown.

## How to see it
`ssh -v`: `certificate file ... not in the right format`, or no line that `Offering public key` names with
`ED25519-CERT`. PuTTY: `Not substituting certificate \"F\" for public key`, `Unable to use this certificate
file`.

## Mend
- Name it `KEY-cert.pub` beside KEY, or `CertificateFile` in ssh_config.
- In PuTTY from 0.78 on: Connection > SSH > Auth > Credentials, Certificate to use.

## Pitfalls
- A certificate that was added to the agent disappears with its lifetime.
- PuTTY before 0.78 knows no certificates.
",
};
