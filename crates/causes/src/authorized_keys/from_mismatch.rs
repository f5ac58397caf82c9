//! `from-mismatch`

use crate::prelude::*;

/// The cause `from-mismatch`.
pub static CAUSE: Cause = Cause {
    id: "from-mismatch",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
