//! `user-denied`

use crate::prelude::*;

/// The cause `user-denied`.
pub static CAUSE: Cause = Cause {
    id: "user-denied",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
