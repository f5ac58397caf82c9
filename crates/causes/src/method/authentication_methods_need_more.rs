//! `authentication-methods-need-more`

use crate::prelude::*;

/// The cause `authentication-methods-need-more`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-need-more",
    stage: Stage::Method,
    seen: Seen::PartialSuccess,
    title: "the key of {user} is accepted, and AuthenticationMethods asks for more: {expected}",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "partial success: the key did its part",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "go on with what is still asked for: {expected}; a batch-mode client cannot",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether the key alone is enough for {user}; it takes the second factor away",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Verbose,
            text: "Partial publickey for {user} from {from} port {port} ssh2: {keytype} {fingerprint}",
        },
        LogLine {
            level: Level::Info,
            text: "refusing previously-used {keytype} key",
        },
    ],
    page: "",
};
