//! `from-invalid`

use crate::prelude::*;

/// The cause `from-invalid`.
pub static CAUSE: Cause = Cause {
    id: "from-invalid",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
