//! `per-source-max-startups`

use crate::prelude::*;

/// The cause `per-source-max-startups`.
pub static CAUSE: Cause = Cause {
    id: "per-source-max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
