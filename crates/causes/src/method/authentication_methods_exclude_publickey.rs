//! `authentication-methods-exclude-publickey`

use crate::prelude::*;

/// The cause `authentication-methods-exclude-publickey`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-exclude-publickey",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "AuthenticationMethods for {user} names no list that begins or goes on with publickey",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "the client is told of other methods and never offers the key",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether keys are meant to be enough for {user}; if so, give that account its own list in a Match block: Match User {user}, then AuthenticationMethods publickey",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in with the method that the server asks for: {expected}",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug3,
        text: "method publickey not allowed by AuthenticationMethods",
    }],
    page: "",
};
