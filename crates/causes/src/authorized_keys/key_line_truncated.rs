//! `key-line-truncated`

use crate::prelude::*;

/// The cause `key-line-truncated`.
pub static CAUSE: Cause = Cause {
    id: "key-line-truncated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
