//! `user-suffix-stripped`

use crate::prelude::*;

/// The cause `user-suffix-stripped`.
pub static CAUSE: Cause = Cause {
    id: "user-suffix-stripped",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
