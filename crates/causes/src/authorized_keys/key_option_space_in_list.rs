//! `key-option-space-in-list`

use crate::prelude::*;

/// The cause `key-option-space-in-list`.
pub static CAUSE: Cause = Cause {
    id: "key-option-space-in-list",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
