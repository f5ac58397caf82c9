//! `key-type-case`

use crate::prelude::*;

/// The cause `key-type-case`.
pub static CAUSE: Cause = Cause {
    id: "key-type-case",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
