//! `keys-file-missing`

use crate::prelude::*;

/// The cause `keys-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "keys-file-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
