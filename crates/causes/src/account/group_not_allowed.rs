//! `group-not-allowed`

use crate::prelude::*;

/// The cause `group-not-allowed`.
pub static CAUSE: Cause = Cause {
    id: "group-not-allowed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
