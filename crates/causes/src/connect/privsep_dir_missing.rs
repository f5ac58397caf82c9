//! `privsep-dir-missing`

use crate::prelude::*;

/// The cause `privsep-dir-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-dir-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
