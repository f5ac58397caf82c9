//! `from-space-after-comma`

use crate::prelude::*;

/// The cause `from-space-after-comma`.
pub static CAUSE: Cause = Cause {
    id: "from-space-after-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a blank in the from= list on line {line} of {file} keeps {found} from matching",
    rule: "from=\"{pattern}\": a blank is part of the entry it stands in",
    note: "",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "on line {line} of {file}, remove the blanks from the list; entries are separated by commas alone",
            commands: &[],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "cp -p -- {file} {file}.before",
                "NEW={repaired} awk -v n={line} 'NR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file}.before > {file}",
            ],
            safety: Safety::Neutral,
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
