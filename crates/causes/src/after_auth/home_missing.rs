//! `home-missing`

use crate::prelude::*;

/// The cause `home-missing`.
pub static CAUSE: Cause = Cause {
    id: "home-missing",
    stage: Stage::AfterAuth,
    seen: Seen::SessionEnds,
    title: "the home of {user}, {path}, does not exist or cannot be entered",
    rule: "sshd goes on in / and says so, unless login.conf asks for a home (requirehome)",
    note: "the key was found elsewhere, so the login itself works",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "make the home, or mount what holds it",
            commands: &["mkhomedir_helper {user}"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "or set the account's home right",
            commands: &["usermod -d {expected} -- {user}"],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "",
};
