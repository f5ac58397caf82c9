//! `keys-command-bad-output`

use crate::prelude::*;

/// The cause `keys-command-bad-output`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-bad-output",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommand {command} does not print lines that sshd can read as keys",
    rule: "its output has the form of authorized_keys: sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "mend the program so that it prints one key on each line of standard output, and nothing else; look at its lines with ssh-keygen -l -f -",
        commands: &[],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Debug2,
            text: "{file}:{line}: advance: '{rest}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand \"{command}\" contains invalid quotes",
        },
    ],
    page: r#"AuthorizedKeysCommand runs well, and prints nothing that sshd can read as a key.

## What it means

The output of the program must look like authorized_keys. Here it is JSON, a header, wrapped base64, or words for people, or the command line in sshd_config itself cannot be split into words.

## Why sshd refuses

sshd reads the output line by line and skips what is no key. With no key left, nothing can match.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- sshd, LogLevel INFO, for the command line itself: `AuthorizedKeysCommand "…" contains invalid quotes`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: run it by hand and look: `su -s /bin/sh -c 'exec "$0" "$1"' RUNUSER /PATH/PROGRAM NAME; echo "status $?"`; `PROGRAM NAME | ssh-keygen -lf -` lists the keys in its output.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- Let it print one key on each line of standard output, and messages on standard error.

## Pitfalls

- Values read from LDAP may come with `sshPublicKey: ` before them, in base64, or wrapped at 76 characters: `ldapsearch -o ldif-wrap=no`.
- The name is passed only if the command line has no argument of its own; otherwise write `%u`.
- Options work in the output as they do in a file.
"#,
};
