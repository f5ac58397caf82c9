//! `tcp-wrappers-denied`

use crate::prelude::*;

/// The cause `tcp-wrappers-denied`.
pub static CAUSE: Cause = Cause {
    id: "tcp-wrappers-denied",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
