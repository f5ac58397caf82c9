//! `authentication-methods-order`

use crate::prelude::*;

/// The cause `authentication-methods-order`.
pub static CAUSE: Cause = Cause {
    id: "authentication-methods-order",
    stage: Stage::Method,
    seen: Seen::MethodMissing,
    title: "AuthenticationMethods for {user} wants {expected} before publickey",
    rule: "AuthenticationMethods {value} ({origin})",
    note: "publickey is not offered until {expected} has succeeded; the key was not looked at",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "give the first method first: {expected}; the key is asked for after it",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether the order is meant; publickey first, then {expected}, asks for the same two things",
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
