//! `group-denied`

use crate::prelude::*;

/// The cause `group-denied`.
pub static CAUSE: Cause = Cause {
    id: "group-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
