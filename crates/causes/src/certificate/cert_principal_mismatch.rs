//! `cert-principal-mismatch`

use crate::prelude::*;

/// The cause `cert-principal-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "cert-principal-mismatch",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate {key_id} is for {principals}, and this login needs {expected}",
    rule: "one of the certificate's principals must be the same as the wanted name, letter by letter",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as a user whom the certificate names: {principals}",
            commands: &["ssh USER@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Authority,
            text: "ask the authority whether {user} may have a certificate for {expected}",
            commands: &["ssh-keygen -s CA_KEY -I {key_id} -n {expected} -V +52w KEY.pub"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or ask the administrator to map principals to accounts with AuthorizedPrincipalsFile",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Certificate invalid: name is not a listed principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint} via {file}:{line}: Certificate invalid: name is not a listed principal",
        },
        LogLine {
            level: Level::Info,
            text: "Refusing certificate ID \"{key_id}\" serial={serial} signed by {ca_type} CA {ca_fingerprint}: Certificate invalid: name is not a listed principal",
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
    ],
    page: "",
};
