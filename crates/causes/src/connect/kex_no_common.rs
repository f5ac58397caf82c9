//! `kex-no-common`

use crate::prelude::*;

/// The cause `kex-no-common`.
pub static CAUSE: Cause = Cause {
    id: "kex-no-common",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "client and server share no {keyword} algorithm, so the connection ends before any key is offered",
    rule: "the first algorithm of the client's list that the server has too is taken; here there is none",
    note: "the user's key was not offered; a newer key does not help, a newer client does",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "update the client: PuTTY, WinSCP or the library behind it",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "allow one algorithm of the client's list, in {keyword} with a leading +, for as long as the old client must be served: ask the administrator, old algorithms were dropped for a reason",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[LogLine {
        level: Level::Info,
        text: "Unable to negotiate with {from} port {port}: no matching {keyword} found. Their offer: {found}",
    }],
    page: "",
};
