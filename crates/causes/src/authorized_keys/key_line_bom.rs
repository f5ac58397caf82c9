//! `key-line-bom`

use crate::prelude::*;

/// The cause `key-line-bom`.
pub static CAUSE: Cause = Cause {
    id: "key-line-bom",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
