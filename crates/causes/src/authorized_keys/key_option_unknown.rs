//! `key-option-unknown`

use crate::prelude::*;

/// The cause `key-option-unknown`.
pub static CAUSE: Cause = Cause {
    id: "key-option-unknown",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
