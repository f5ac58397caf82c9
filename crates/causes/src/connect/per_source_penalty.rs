//! `per-source-penalty`

use crate::prelude::*;

/// The cause `per-source-penalty`.
pub static CAUSE: Cause = Cause {
    id: "per-source-penalty",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
