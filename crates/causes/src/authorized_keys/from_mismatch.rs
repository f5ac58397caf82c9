//! `from-mismatch`

use crate::prelude::*;

/// The cause `from-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "from-mismatch",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "line {line} of {file} lets the key in from {pattern}, and this login comes from {found}",
    rule: "from=\"{pattern}\"",
    note: "the address is the one sshd sees, behind NAT, VPN or a jump host",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "log in from a permitted address, or by way of a machine that has one",
            commands: &["ssh -J JUMPHOST {user}@SERVER"],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "ask whoever wrote line {line} of {file} whether {found} may be added to its from=",
            commands: &[],
            safety: Safety::Weakens,
        },
    ],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{file}:{line}: Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}, required={pattern}).",
        },
        LogLine {
            level: Level::Info,
            text: "Authentication tried for {user} with correct key but not from a permitted host (host={host}, ip={from}).",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options",
        },
        LogLine {
            level: Level::Info,
            text: "Refused by key options at {file}:{line}",
        },
    ],
    page: "",
};
