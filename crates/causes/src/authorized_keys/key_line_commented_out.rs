//! `key-line-commented-out`

use crate::prelude::*;

/// The cause `key-line-commented-out`.
pub static CAUSE: Cause = Cause {
    id: "key-line-commented-out",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "the key stands on line {line} of {file}, commented out with #",
    rule: "sshd skips lines whose first character is #",
    note: "somebody may have done this on purpose",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Account,
        text: "ask whoever keeps {file} whether the key was taken out on purpose; if not, put it back: add it as a line of its own",
        commands: &["printf '\\n%s\\n' {repaired} >> {file}"],
        safety: Safety::Neutral,
    }],
    log: &[],
    page: "",
};
