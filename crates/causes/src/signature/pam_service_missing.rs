//! `pam-service-missing`

use crate::prelude::*;

/// The cause `pam-service-missing`.
pub static CAUSE: Cause = Cause {
    id: "pam-service-missing",
    stage: Stage::Signature,
    seen: Seen::ClosedAfterSignature,
    title: r#"PAM has no file for the service {service}, so its catch-all "other" refuses {user}"#,
    rule: "UsePAM yes; /etc/pam.d/{service} is not there, and /etc/pam.d/other denies",
    note: "the key and its signature were good; up to 9.7 the service is named after the program that runs, since 9.8 it is sshd or PAMServiceName",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "bring the PAM file back by reinstalling the package of sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or start sshd under the name that has a PAM file: a copy named otherwise asks for a service of its own name",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Access denied for user {user} by PAM account configuration",
    }],
    page: "",
};
