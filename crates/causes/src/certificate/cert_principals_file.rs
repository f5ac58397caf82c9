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
    page: "",
};
