//! `key-option-bad-value`

use crate::prelude::*;

/// The cause `key-option-bad-value`.
pub static CAUSE: Cause = Cause {
    id: "key-option-bad-value",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
