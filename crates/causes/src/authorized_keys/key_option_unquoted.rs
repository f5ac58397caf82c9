//! `key-option-unquoted`

use crate::prelude::*;

/// The cause `key-option-unquoted`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unquoted",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
