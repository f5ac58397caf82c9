//! `rsa-key-too-short`

use crate::prelude::*;

/// The cause `rsa-key-too-short`.
pub static CAUSE: Cause = Cause {
    id: "rsa-key-too-short",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
