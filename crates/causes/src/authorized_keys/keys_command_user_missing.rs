//! `keys-command-user-missing`

use crate::prelude::*;

/// The cause `keys-command-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-command-user-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
