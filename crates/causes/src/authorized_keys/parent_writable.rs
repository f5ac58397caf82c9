//! `parent-writable`

use crate::prelude::*;

/// The cause `parent-writable`.
pub static CAUSE: Cause = Cause {
    id: "parent-writable",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
