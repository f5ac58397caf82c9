//! `root-cloud-image-banner`

use crate::prelude::*;

/// The cause `root-cloud-image-banner`.
pub static CAUSE: Cause = Cause {
    id: "root-cloud-image-banner",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "this image lets root's key print one sentence and exit: log in as {other_user}",
    rule: "line {line} of {file} has a command= that echoes and ends",
    note: "the key is accepted; cloud-init wrote the line on purpose",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in as the account that the sentence names; the same key is listed there",
            commands: &["ssh -- {other_user}@{to}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether root may log in itself; cloud-init then has disable_root: false",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Accepted publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
    }],
    page: "",
};
