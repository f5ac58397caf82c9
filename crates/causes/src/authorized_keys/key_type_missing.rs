//! `key-type-missing`

use crate::prelude::*;

/// The cause `key-type-missing`.
pub static CAUSE: Cause = Cause {
    id: "key-type-missing",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
