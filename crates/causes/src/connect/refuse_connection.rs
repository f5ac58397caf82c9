//! `refuse-connection`

use crate::prelude::*;

/// The cause `refuse-connection`.
pub static CAUSE: Cause = Cause {
    id: "refuse-connection",
    stage: Stage::Transport,
    seen: Seen::Disconnected,
    title: "RefuseConnection closes each connection of {user} from {from} at the first authentication request",
    rule: "RefuseConnection yes ({origin})",
    note: "the key was not looked at; each try also earns a penalty of 10 seconds by default",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "ask the administrator whether {user} may log in from {from}; if so, narrow the Match line that RefuseConnection stands under, then reload sshd",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "connect as the account or from the address that the server is open to: ask the administrator",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "administratively prohibited connection for {user} from {from} port {port}",
        },
        LogLine {
            level: Level::Info,
            text: "administratively prohibited connection for invalid user {user} from {from} port {port}",
        },
    ],
    page: "",
};
