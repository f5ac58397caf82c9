//! `max-startups`

use crate::prelude::*;

/// The cause `max-startups`.
pub static CAUSE: Cause = Cause {
    id: "max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd drops new connections: more unauthenticated ones are open than MaxStartups {value} allows",
    rule: "MaxStartups {value} ({origin})",
    note: "the drop hits connections at random and has nothing to do with the key; trying again later works",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "wait until the unfinished connections are gone, then connect once; do not retry in a loop",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "see who holds the unfinished connections, and stop the ones that do not belong",
            commands: &["ss -tnp state established sport = :22"],
            safety: Safety::Tightens,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise MaxStartups in {origin}, then reload sshd: ask the administrator, the limit guards against floods",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "beginning MaxStartups throttling",
        },
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} past MaxStartups",
        },
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} Maxstartups",
        },
        LogLine {
            level: Level::Info,
            text: "in MaxStartups throttling for {duration}, {found} connections dropped",
        },
        LogLine {
            level: Level::Verbose,
            text: "drop connection #{found}",
        },
    ],
    page: "",
};
