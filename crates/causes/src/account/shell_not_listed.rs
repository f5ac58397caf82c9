//! `shell-not-listed`

use crate::prelude::*;

/// The cause `shell-not-listed`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-listed",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
