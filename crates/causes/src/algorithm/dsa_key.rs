//! `dsa-key`

use crate::prelude::*;

/// The cause `dsa-key`.
pub static CAUSE: Cause = Cause {
    id: "dsa-key",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
