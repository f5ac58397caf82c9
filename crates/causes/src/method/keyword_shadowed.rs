//! `keyword-shadowed`

use crate::prelude::*;

/// The cause `keyword-shadowed`.
pub static CAUSE: Cause = Cause {
    id: "keyword-shadowed",
    stage: Stage::Method,
    seen: Seen::Nothing,
    title: "{keyword} at {other_origin} has no effect: {origin} sets it first",
    rule: "the first value wins, in the order of the files with every Include in its place; a Match block beats both",
    note: "the value in force is {value}",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "edit {keyword} at {origin}, where it is in force, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see the value that is in force after each edit",
            commands: &["/usr/sbin/sshd -T"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "",
};
