//! `user-not-in-any-group`

use crate::prelude::*;

/// The cause `user-not-in-any-group`.
pub static CAUSE: Cause = Cause {
    id: "user-not-in-any-group",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
