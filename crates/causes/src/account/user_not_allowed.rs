//! `user-not-allowed`

use crate::prelude::*;

/// The cause `user-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "user-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
