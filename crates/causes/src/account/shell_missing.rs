//! `shell-missing`

use crate::prelude::*;

/// The cause `shell-missing`.
pub static CAUSE: Cause = Cause {
    id: "shell-missing",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
