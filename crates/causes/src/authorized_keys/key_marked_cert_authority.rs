//! `key-marked-cert-authority`

use crate::prelude::*;

/// The cause `key-marked-cert-authority`.
pub static CAUSE: Cause = Cause {
    id: "key-marked-cert-authority",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} trusts the key as a CA, and so does not let the key itself in",
    rule: "a line with cert-authority counts for certificates that the key has signed, and for nothing else",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "for the key itself, add a line without cert-authority, with the other options of line {line}",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or log in with a certificate that this key has signed",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "where the key is nobody's CA, remove cert-authority from line {line}: its owner can sign certificates for this account",
            commands: &[],
            safety: Safety::Tightens,
        },
    ],
    log: &[],
    page: r#"The key stands in authorized_keys with cert-authority, and so does not let itself in.

## What it means

`cert-authority` says: accept certificates that this key has signed. It does not say: accept this key.

## Why sshd refuses

For a plain key sshd skips lines with `cert-authority`. For a certificate it skips all others.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n 'cert-authority' ~/.ssh/authorized_keys`

## Mend

- Add a line with the same key without `cert-authority`, if the key itself is to be let in.
- Or offer a certificate that the key has signed.
- If the key is nobody's CA, take `cert-authority` off: as it stands its owner can sign certificates for this account.

## Pitfalls

- Nothing is logged about it, at no level: the line counts as another key.
- A CA's key that is used to log in as well is a risk: keep the two apart.
- Dropbear has no certificates, and refuses the line for its option.
"#,
};
