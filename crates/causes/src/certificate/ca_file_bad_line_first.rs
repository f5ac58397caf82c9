//! `ca-file-bad-line-first`

use crate::prelude::*;

/// The cause `ca-file-bad-line-first`.
pub static CAUSE: Cause = Cause {
    id: "ca-file-bad-line-first",
    stage: Stage::Certificate,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
