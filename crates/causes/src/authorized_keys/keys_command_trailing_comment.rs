//! `keys-command-trailing-comment`

use crate::prelude::*;

/// The cause `keys-command-trailing-comment`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-trailing-comment",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the comment behind AuthorizedKeysCommand is not a comment: sshd passes it to {path} as arguments",
    rule: "{keyword} {value} ({origin}); this keyword takes the rest of its line as it stands",
    note: "",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "at {origin}, move the comment to a line of its own, then check and reload",
        commands: &["sshd -t && systemctl reload {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[LogLine {
        level: Level::Info,
        text: "AuthorizedKeysCommand {command} failed, status {status}",
    }],
    page: r#"A comment at the end of the AuthorizedKeysCommand line is passed to the program as arguments.

## What it means

Most keywords of sshd_config end at ` #`. AuthorizedKeysCommand takes the rest of its line as it stands: `# from LDAP` becomes three arguments.

## Why sshd refuses

The program gets arguments it does not know, and fails. And as there are arguments now, sshd does not add the user's name.

## How to see it

- sshd, LogLevel INFO: `AuthorizedKeysCommand /PATH/PROGRAM # from LDAP failed, status N`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `sshd -T -C user=NAME,host=ADDRESS,addr=ADDRESS | grep -i authorizedkeyscommand`

## Mend

- Move the comment to a line of its own; `sshd -t`, then reload.

## Pitfalls

- `sshd -t` accepts the line.
- ForceCommand and AuthorizedPrincipalsCommand are read in the same way.
- A program that ignores its arguments may print the keys of the wrong account, or of all.
- Quotes around the path make sshd say `must be an absolute path`.
"#,
};
