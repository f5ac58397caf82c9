//! `from-space-after-comma`

use crate::prelude::*;

/// The cause `from-space-after-comma`.
pub static CAUSE: Cause = Cause {
    id: "from-space-after-comma",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
