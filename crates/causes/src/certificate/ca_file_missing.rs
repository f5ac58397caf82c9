//! `ca-file-missing`

use crate::prelude::*;

/// The cause `ca-file-missing`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-missing",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
