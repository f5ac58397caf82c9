//! `privsep-user-missing`

use crate::prelude::*;

/// The cause `privsep-user-missing`.
pub static CAUSE: Cause = Cause {
    id: "privsep-user-missing",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
