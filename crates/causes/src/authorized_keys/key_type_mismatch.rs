//! `key-type-mismatch`

use crate::prelude::*;

/// The cause `key-type-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "key-type-mismatch",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
