//! `shell-not-executable`

use crate::prelude::*;

/// The cause `shell-not-executable`.
pub static CAUSE: Cause = Cause {
    id: "shell-not-executable",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
