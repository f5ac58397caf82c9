//! `key-not-listed`

use crate::prelude::*;

/// The cause `key-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "key-not-listed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "no line of {file} holds the key {fingerprint}",
    rule: "{keyword} {value} ({origin})",
    note: "sshd compares decoded keys: a line with the same comment can hold another key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "add the key to {file} as one line (the line feed before it keeps it off an unfinished last line)",
            commands: &[
                "{{ [ -d \"$(dirname -- {file})\" ] || install -d -m 0700 -o {user} -- \"$(dirname -- {file})\"; }} && {{ [ -e {file} ] || {{ ( umask 077 && : >> {file} ) && chown -- {user}: {file}; }}; }} && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or move the line over from {other_file}, which holds the key and which sshd does not read",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "line {line} has the same comment and holds another key, {other_fingerprint}: offer that one, or put the new key in its place",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or offer the key that stands there",
            commands: &["ssh -i KEYFILE -o IdentitiesOnly=yes {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "or, while another login method works, let the client install the key",
            commands: &["ssh-copy-id -i KEYFILE.pub {user}@SERVER"],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}: processed {keys}/{count} lines",
    }],
    page: r#"The server refuses the key because authorized_keys does not hold it.

## What it means

sshd read the file, and none of its lines holds the key that the client offered.

## Why sshd refuses

sshd decodes each line and compares the whole key. Comments and file names have no weight: a line that ends in the same `name@host` can hold an older key.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd at VERBOSE: `Failed publickey for NAME from ADDRESS port N ssh2: ED25519 SHA256:…` names the key that was offered.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- Compare: `ssh-keygen -lf KEY.pub` on the client with `ssh-keygen -lf ~/.ssh/authorized_keys` on the server.

## Mend

- Add the key as one line; from the client, while a password works: `ssh-copy-id -i KEY.pub NAME@SERVER`.
- Or offer the key that is there: `ssh -i KEY -o IdentitiesOnly=yes NAME@SERVER`.

## Pitfalls

- The client may offer another key than expected: agent first, then the default names. `ssh -v` shows each with its fingerprint.
- A stale `.pub` file beside the private key makes ssh offer the wrong one.
- A configuration tool may have written the file anew since.
- A forge or appliance keeps keys in a database, not in this file.
- Dropbear leaves only `Exit before auth … Exited normally`.
"#,
};
