//! `key-option-no-space-before-key`

use crate::prelude::*;

/// The cause `key-option-no-space-before-key`.
pub static CAUSE: Cause = Cause {
    id: "key-option-no-space-before-key",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
