//! `cert-old-v00`

use crate::prelude::*;

/// The cause `cert-old-v00`.
pub static CAUSE: Cause = Cause {
    id: "cert-old-v00",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "the certificate is of the old v00 form, which no sshd since OpenSSH 7.0 accepts",
    rule: "certificate types end in -cert-v01@openssh.com",
    note: "",
    fixes: &[Fix {
        at: Where::Client,
        by: Actor::Authority,
        text: "sign the key again with a current ssh-keygen",
        commands: &["ssh-keygen -s CA_KEY -I ID -n {user} -V +52w KEY.pub"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "userauth_pubkey: unsupported public key algorithm: {algorithm}",
        },
        LogLine {
            level: Level::Info,
            text: "userauth_pubkey: unsupported public key algorithm: {algorithm}",
        },
    ],
    page: "",
};
