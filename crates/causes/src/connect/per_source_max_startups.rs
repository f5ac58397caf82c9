//! `per-source-max-startups`

use crate::prelude::*;

/// The cause `per-source-max-startups`.
pub static CAUSE: Cause = Cause {
    id: "per-source-max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd drops new connections from {from}: as many unfinished ones as PerSourceMaxStartups {value} allows are open",
    rule: "PerSourceMaxStartups {value} ({origin})",
    note: "addresses of one network block count as one source, so another machine behind the same NAT can use the places up",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "close the connections that hang at a password or passphrase prompt, or wait until they end",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Root,
            text: "raise PerSourceMaxStartups in {origin}, or narrow PerSourceNetBlockSize, then reload sshd: ask the administrator",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} past MaxStartups",
        },
        LogLine {
            level: Level::Info,
            text: "drop connection #{found} from [{from}]:{port} on [{to}]:{to_port} Maxstartups",
        },
        LogLine {
            level: Level::Debug1,
            text: "srclimit_check_allow: sock {socket} denied",
        },
    ],
    page: "",
};
