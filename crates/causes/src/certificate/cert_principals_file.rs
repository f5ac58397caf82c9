//! `cert-principals-file`

use crate::prelude::*;

/// The cause `cert-principals-file`.
pub static CAUSE: Cause = Cause {
    id: "cert-principals-file",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "no principal of the certificate {key_id} stands in the principals file of {user}",
    rule: "{keyword} {value} ({origin})",
    note: "the certificate names {principals}; with this keyword set, the account's own name counts only if the file lists it",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator which principals may log in as {user}; each goes on a line of its own in {file}, with no CR at the end",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "where the file is meant to be right, look at its bytes and its rights",
            commands: &["cat -A -- {file}", "ls -ld -- {file}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Refused by certificate principals options",
        },
        LogLine {
            level: Level::Info,
            text: "vdollar_percent_expand: unknown key {token}",
        },
        LogLine {
            level: Level::Info,
            text: "percent_expand: unknown key {token}",
        },
        LogLine {
            level: Level::Info,
            text: "Certificate does not contain an authorized principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate does not contain an authorized principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate does not contain an authorized principal",
        },
        LogLine {
            level: Level::Info,
            text: "Authentication refused: bad ownership or modes for {what} {path}",
        },
        LogLine {
            level: Level::Info,
            text: "Could not open user '{user}' authorized principals '{file}': Permission denied",
        },
        LogLine {
            level: Level::Debug1,
            text: "Could not open user '{user}' authorized principals '{file}': No such file or directory",
        },
        LogLine {
            level: Level::Debug1,
            text: "{file}:{line}: bad principals options: {reason}",
        },
    ],
    page: r#""Certificate does not contain an authorized principal": AuthorizedPrincipalsFile does not list a principal of the certificate.

## What it means

AuthorizedPrincipalsFile says which principals may log in as the account. The file is missing, cannot be read by the user, is not safe, or lists none of the certificate's names.

## Why sshd refuses

With this keyword set, sshd asks the file and nothing else. One line must be the same as one principal, byte for byte; the account's own name counts only if it is listed.

## How to see it

- sshd, LogLevel INFO: `Certificate does not contain an authorized principal`; from 10.1 on `Refusing certificate ID "ID" serial=N signed by ED25519 CA SHA256:…: Certificate does not contain an authorized principal`
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- From the client: offer the key, then log in with a password in the same connection (`ssh -v`). The server then sends its reason: `debug1: Remote: Certificate does not contain an authorized principal` (PuTTY's Event Log: `Remote debug message: …`).
- For the file itself: `Authentication refused: bad ownership or modes for …`, or at DEBUG1 `Could not open user 'NAME' authorized principals '…': …`
- On the server: `cat -A FILE`; a `^M` at the end of a line is the fault.
- On the client: `ssh-keygen -L -f KEY-cert.pub` prints type, ID, serial, validity, principals, options and CA.

## Mend

- Ask the administrator to list the principal, one on each line.
- Save the file with Unix line ends: `tr -d '\r' < FILE > NEW`.
- Make it readable by the account, and writable by root or the account alone.

## Pitfalls

- The CR of a Windows file is part of the name, unlike in authorized_keys.
- Two names on one line are read as options and one name.
- No wildcards, and case counts; `#` starts a comment anywhere.
- sshd opens the file as the user, and StrictModes holds for it up to `/`.
- From OpenSSH 10.0 on the path is a pattern: brackets and backslashes in it do not stand for themselves.
"#,
};
