//! `key-line-pem`

use crate::prelude::*;

/// The cause `key-line-pem`.
pub static CAUSE: Cause = Cause {
    id: "key-line-pem",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} starts a PEM block: sshd does not read that form here",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key as one line; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key as a line of its own; the block may stay, it does nothing",
            commands: &["printf '\\n%s\\n' {line_to_add} >> {file}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or convert a public key in PEM form (a file with that block alone) to one line: -m PKCS8 for BEGIN PUBLIC KEY, -m PEM for BEGIN RSA PUBLIC KEY",
            commands: &["ssh-keygen -i -m PKCS8 -f PEMFILE"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"authorized_keys holds "-----BEGIN PUBLIC KEY-----" or another PEM block, which OpenSSH does not read there.

## What it means

The key is in PEM form, as openssl writes it. `BEGIN PUBLIC KEY` and `BEGIN RSA PUBLIC KEY` are public keys; `BEGIN CERTIFICATE` is an X.509 certificate, which OpenSSH does not use at all.

## Why sshd refuses

sshd wants one line for each key. None of the lines of the block is one, so all are skipped.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `grep -n "BEGIN" ~/.ssh/authorized_keys`

## Mend

- `ssh-keygen -i -m PKCS8 -f FILE` for `BEGIN PUBLIC KEY`, `ssh-keygen -i -m PEM -f FILE` for `BEGIN RSA PUBLIC KEY`; put the line it prints into authorized_keys.
- Or write the line anew: the one line of the client's `.pub` file (`ssh-keygen -y -f KEY` prints it; in PuTTYgen it is the box "Public key for pasting into OpenSSH authorized_keys file").

## Pitfalls

- A block with PRIVATE in its first line is a private key: that is worse, see key-line-private-key.
- AWS and other clouds hand out `.pem` files: those are private keys for the client.
- Dropbear skips such a line too, without a log line.
"#,
};
