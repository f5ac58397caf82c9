//! `key-option-duplicate`

use crate::prelude::*;

/// The cause `key-option-duplicate`.
pub static CAUSE: Cause = Cause {
    id: "key-option-duplicate",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
