//! `max-startups`

use crate::prelude::*;

/// The cause `max-startups`.
pub static CAUSE: Cause = Cause {
    id: "max-startups",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
