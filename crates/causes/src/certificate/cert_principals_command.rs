//! `cert-principals-command`

use crate::prelude::*;

/// The cause `cert-principals-command`.
pub static CAUSE: Cause = Cause {
    id: "cert-principals-command",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "AuthorizedPrincipalsCommand gives no principal of the certificate {key_id} for {user}",
    rule: "the command must end with status 0 and print one of the certificate's principals; its program must be root's alone",
    note: "the certificate names {principals}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "run it as its configured user, as sshd does, and see what it prints and how it ends",
            commands: &[
                "sshd -T -C user={user},host={from},addr={from} | grep -i authorizedprincipalscommand",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority for a certificate with a principal that the command prints",
            commands: &[],
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
            text: "AuthorizedPrincipalsCommand {command} failed, status {status}",
        },
        LogLine {
            level: Level::Info,
            text: "Unsafe AuthorizedPrincipalsCommand \"{path_command}\": {rest}",
        },
        LogLine {
            level: Level::Info,
            text: "Could not stat AuthorizedPrincipalsCommand \"{path}\": {reason}",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedPrincipalsCommandUser \"{other_user}\" not found: {reason}",
        },
    ],
    page: "",
};
