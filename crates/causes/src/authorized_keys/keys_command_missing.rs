//! `keys-command-missing`

use crate::prelude::*;

/// The cause `keys-command-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
