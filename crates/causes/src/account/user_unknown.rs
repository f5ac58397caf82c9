//! `user-unknown`

use crate::prelude::*;

/// The cause `user-unknown`.
pub static CAUSE: Cause = Cause {
    id: "user-unknown",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
