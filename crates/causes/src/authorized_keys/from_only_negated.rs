//! `from-only-negated`

use crate::prelude::*;

/// The cause `from-only-negated`.
pub static CAUSE: Cause = Cause {
    id: "from-only-negated",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
