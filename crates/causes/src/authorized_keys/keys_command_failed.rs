//! `keys-command-failed`

use crate::prelude::*;

/// The cause `keys-command-failed`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-failed",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "AuthorizedKeysCommand {path} failed (status {status}), so the keys it printed do not count",
    rule: "{keyword} {value} ({origin})",
    note: "sshd takes the output only if the exit status is 0",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "run it as sshd does, and see what it says on standard error (sshd throws that away)",
            commands: &[
                "su -s /bin/sh -c 'exec \"$0\" \"$1\"' {other_user} {path} {user}; echo \"status $?\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "then bring the service back that it asks (SSSD, LDAP, a cloud's metadata server), or mend the script so that it ends with 0 when all is well",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand {command} failed, status {status}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand {command} exited on signal {signal}",
        },
    ],
    page: r#""AuthorizedKeysCommand … failed, status 1": the program that gives the keys ended with an error.

## What it means

sshd ran the program, and its exit status was not 0, or a signal ended it. What it printed is thrown away, the right key included.

## Why sshd refuses

A command that fails may have printed half of a list. sshd takes its output only after status 0.

## How to see it

- sshd, LogLevel INFO: `AuthorizedKeysCommand /PATH/PROGRAM NAME failed, status N`, or `… exited on signal N`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `su -s /bin/sh -c 'exec "$0" "$1"' RUNUSER /PATH/PROGRAM NAME; echo "status $?"`
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- Look at what the program says when it is run by hand: sshd throws its standard error away.
- Bring back the service it asks: SSSD, LDAP, the cloud's metadata server.
- In a script, let the last command be `exit 0` once the keys are printed.

## Pitfalls

- `grep` ends with 1 when it finds nothing: as the last command of a script it fails for accounts without a key.
- The environment holds only PATH, USER, LOGNAME, HOME and LANG, so a script may work in a shell and fail here.
- sshd runs it twice for one login: for the query and for the signature.
"#,
};
