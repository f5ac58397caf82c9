//! `key-in-other-home`

use crate::prelude::*;

/// The cause `key-in-other-home`.
pub static CAUSE: Cause = Cause {
    id: "key-in-other-home",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key is not {user}'s: it stands in {other_file}, the file of {other_user}",
    rule: "a key lets in the account whose file holds it, and no other",
    note: "sudo keeps \"~\" of root or of the caller: a key added in a root shell often lands in root's file",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as {other_user}, if that is the account that was meant",
            commands: &["ssh {other_user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or add the key to {file}, as {user}",
            commands: &[
                "{{ [ -d \"$(dirname -- {file})\" ] || install -d -m 0700 -o {user} -- \"$(dirname -- {file})\"; }} && {{ [ -e {file} ] || {{ ( umask 077 && : >> {file} ) && chown -- {user}: {file}; }}; }} && printf '\\n%s\\n' {line_to_add} >> {file}",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: r#"The public key was added, but to another account's authorized_keys.

## What it means

The offered key stands in the file of another account. It lets in that account, and no other.

## Why sshd refuses

sshd reads the files of the account that the client names, and compares the key with those alone.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server, as root: `ssh-keygen -lf /root/.ssh/authorized_keys` and the same for other homes; compare with the fingerprint of the client's key (`ssh-keygen -lf KEY.pub`).

## Mend

- Log in under the account that has the key: `ssh OTHER@SERVER`.
- Or add the key to the right file, as that account: `sudo -H -u NAME sh -c 'umask 077; mkdir -p ~/.ssh; cat >> ~/.ssh/authorized_keys' < KEY.pub`; `-H` makes `~` the account's own.

## Pitfalls

- In `sudo cat KEY.pub >> ~/.ssh/authorized_keys` the `~` is the caller's, and so is the redirection; in a root shell it is root's.
- Cloud images put the key into one default account (ubuntu, ec2-user, admin, debian …), and into root with a forced command.
- Root's shell leaves root's files: owner and mode of what it made must be mended too.
"#,
};
