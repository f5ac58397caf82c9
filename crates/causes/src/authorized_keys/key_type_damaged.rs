//! `key-type-damaged`

use crate::prelude::*;

/// The cause `key-type-damaged`.
pub static CAUSE: Cause = Cause {
    id: "key-type-damaged",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
