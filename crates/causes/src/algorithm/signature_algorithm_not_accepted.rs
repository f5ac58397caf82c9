//! `signature-algorithm-not-accepted`

use crate::prelude::*;

/// The cause `signature-algorithm-not-accepted`.
pub static CAUSE: Cause = Cause {
    id: "signature-algorithm-not-accepted",
    stage: Stage::Algorithm,
    seen: Seen::QueryRefused,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
