//! `key-type-unsupported-by-version`

use crate::prelude::*;

/// The cause `key-type-unsupported-by-version`.
pub static CAUSE: Cause = Cause {
    id: "key-type-unsupported-by-version",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
